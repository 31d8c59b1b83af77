//! Sharded tables: a parent `orders` whose numbered tables `orders_0000` … `orders_0511` lie in several databases of several groups.

use crate::group::ServiceGroup;
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most tables of one parent.
pub const TABLES: u64 = 100_000;
/// The most places (ranges in a database) of one parent.
pub const PLACES: usize = 4_096;
/// The most digits of a table's number.
const DIGITS: usize = 18;
/// Longest name of a table.
const NAME_CHARS: usize = 64;

/// A parent and where its tables are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardedTable {
    /// The tables' name without their number and the `_` before it.
    pub name: String,
    /// In the order of their numbers; none: it is not sharded any more.
    pub shards: Vec<Shards>,
}

/// Tables of a parent that lie in one database, their numbers without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Shards {
    /// Of which service group.
    pub group: String,
    /// In which of its databases.
    pub database: String,
    /// What stands before the number: `orders_`.
    pub stem: String,
    /// The first number.
    pub first: u64,
    /// The last.
    pub last: u64,
    /// Digits of each.
    pub width: usize,
}

/// As the inventory writes a parent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parent {
    pub(crate) name: String,
    shards: Vec<Written>,
}

/// As the inventory writes a range.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    group: String,
    database: String,
    /// `orders_{0000..0127}`.
    tables: String,
}

impl TryFrom<Written> for Shards {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        Self::of(written).map_err(|said| said.en.into_owned())
    }
}

impl From<Shards> for Written {
    fn from(shards: Shards) -> Self {
        Self { tables: shards.to_string(), group: shards.group, database: shards.database }
    }
}

impl std::fmt::Display for Shards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stem, first, last, width, .. } = self;
        write!(f, "{stem}{{{first:0width$}..{last:0width$}}}")
    }
}

impl Shards {
    fn of(written: Written) -> Result<Self, Said> {
        let Written { group, database, tables } = written;
        let range = tables.strip_suffix('}').and_then(|rest| rest.rsplit_once('{'));
        let ends = range.and_then(|(stem, range)| Some((stem, range.split_once("..")?)));
        let number = |digits: &str| {
            let is_number =
                (1..=DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse::<u64>().ok().filter(|_| is_number)
        };
        let read = ends.and_then(|(stem, (first, last))| {
            let numbers = (number(first)?, number(last)?);
            (is_stem(stem) && stem.chars().count() + first.len() <= NAME_CHARS)
                .then_some((stem, first, last, numbers))
        });
        let Some((stem, from, to, (first, last))) = read else {
            return Err(said!(
                "“{tables}” can not be read: write the name with its first and last number, such as \"orders_{{0000..0127}}\"; what \
                 stands before the number must not end in a digit.",
                "“{tables}”无法读取：请写表名和首尾编号，例如 \"orders_{{0000..0127}}\"；编号前面的部分不能以数字结尾。"
            ));
        };
        if from.len() != to.len() {
            return Err(said!(
                "“{tables}”: its numbers have {a} and {b} digits; write both with as many, or two ranges, such as {{0..9}} and {{10..15}}.",
                "“{tables}”：首尾编号分别是 {a} 位和 {b} 位；请写成相同的位数，或写成两个范围，例如 {{0..9}} 和 {{10..15}}。",
                a = from.len(),
                b = to.len()
            ));
        }
        if last < first {
            return Err(said!(
                "“{tables}” counts down; write the smaller number first.",
                "“{tables}”是从大到小；请把小的编号写在前面。"
            ));
        }
        Ok(Self { group, database, stem: stem.to_owned(), first, last, width: from.len() })
    }

    /// The name of the table with this number.
    #[must_use]
    pub fn table(&self, number: u64) -> String {
        format!("{}{number:0width$}", self.stem, width = self.width)
    }
}

fn is_stem(stem: &str) -> bool {
    !stem.is_empty()
        && !stem.ends_with(|letter: char| letter.is_ascii_digit())
        && !stem.contains(['`', '\0', '/', '\\', '.', '{', '}'])
}

/// The name of the parent that a table would have: without its number and one `_` before it. `None` where it has no number.
#[must_use]
pub fn parent_of(table: &str) -> Option<&str> {
    let stem = table.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (stem.len() < table.len()).then(|| stem.strip_suffix('_').unwrap_or(stem)).filter(|name| !name.is_empty())
}

impl ShardedTable {
    /// Where a table lies; `None` where the parent has none of that name.
    #[must_use]
    pub fn place_of(&self, table: &str) -> Option<&Shards> {
        let stem = &self.shards.first()?.stem;
        let digits = table.strip_prefix(stem.as_str())?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u64 = digits.parse().ok()?;
        let after = self.shards.partition_point(|shards| shards.first <= number);
        let shards = self.shards.get(after.checked_sub(1)?)?;
        (number <= shards.last && digits.len() == shards.width).then_some(shards)
    }

    /// Whether a table is one of its by name: its stem, and then a number that it may not have.
    #[must_use]
    pub fn names(&self, table: &str) -> bool {
        let Some(first) = self.shards.first() else { return false };
        let digits = table.strip_prefix(first.stem.as_str()).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether some of its tables lie there.
    #[must_use]
    pub fn lies_in(&self, group: &str, database: &str) -> bool {
        self.shards.iter().any(|shards| shards.group == group && shards.database == database)
    }

    /// What is wrong with where it says that its tables are.
    pub(crate) fn homeless(&self, groups: &[&ServiceGroup]) -> Vec<Said> {
        let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
        for Shards { group, database, .. } in &self.shards {
            let name = &self.name;
            match groups.iter().find(|known| known.name == *group) {
                None if seen.insert((group, "")) => faults.push(said!(
                    "The sharded table “{name}” lies in the group “{group}”, which is neither in this file nor known from before.",
                    "分表“{name}”写在服务组“{group}”中，但本文件里没有这个服务组，之前也没有加载过。"
                )),
                Some(known) if !known.databases.contains(database) && seen.insert((group, database)) => {
                    faults.push(said!(
                        "The sharded table “{name}” lies in the database “{database}” of “{group}”, which that group does not have.",
                        "分表“{name}”写在“{group}”的数据库“{database}”中，但该服务组没有这个数据库。"
                    ));
                }
                _ => {}
            }
        }
        faults
    }
}

impl Parent {
    /// What it says, in order, where that can be so.
    pub(crate) fn read(self, faults: &mut Vec<Said>) -> ShardedTable {
        let Self { name, shards } = self;
        let mut read = Vec::new();
        for written in shards {
            match Shards::of(written) {
                Ok(shards) => read.push(shards),
                Err(Said { en, zh }) => {
                    faults.push(said!("The sharded table “{name}”: {en}", "分表“{name}”：{zh}"));
                }
            }
        }
        read.sort_by_key(|shards| shards.first);
        let table = ShardedTable { name, shards: read };
        table.faults(faults);
        table
    }
}

impl ShardedTable {
    fn faults(&self, faults: &mut Vec<Said>) {
        let name = &self.name;
        for shards in
            self.shards.iter().filter(|shards| shards.stem.strip_suffix('_').unwrap_or(&shards.stem) != name)
        {
            faults.push(said!(
                "The sharded table “{name}”: the tables {shards} are not called after it; its name is theirs without the number and the `_` \
                 before it.",
                "分表“{name}”：{shards} 不是它的表；分表的名字应是表名去掉编号和前面的 `_`。"
            ));
        }
        self.alike(faults);
        for (one, other) in self.shards.iter().zip(self.shards.iter().skip(1)) {
            if other.first <= one.last {
                faults.push(said!(
                    "The sharded table “{name}”: the number {number} lies in two places, {one} in “{a}” of “{b}” and {other} in “{c}” of “{d}”.",
                    "分表“{name}”：编号 {number} 出现在两处：{one}（“{b}”的“{a}”）和 {other}（“{d}”的“{c}”）。",
                    number = other.first,
                    a = one.database,
                    b = one.group,
                    c = other.database,
                    d = other.group
                ));
            }
        }
        let tables =
            self.shards.iter().fold(0_u64, |sum, shards| sum.saturating_add(shards.last - shards.first + 1));
        if tables > TABLES || self.shards.len() > PLACES {
            faults.push(said!(
                "The sharded table “{name}” has {tables} tables in {places} places; {TABLES} and {PLACES} are the most.",
                "分表“{name}”有 {tables} 张表，分在 {places} 处；最多 {TABLES} 张、{PLACES} 处。",
                places = self.shards.len()
            ));
        }
    }

    /// All tables have names of one kind, so that a number is of one table.
    fn alike(&self, faults: &mut Vec<Said>) {
        let (name, Some(first)) = (&self.name, self.shards.first()) else { return };
        if let Some(other) = self.shards.iter().find(|other| other.stem != first.stem) {
            faults.push(said!(
                "The sharded table “{name}”: {first} and {other} differ in what stands before the number.",
                "分表“{name}”：{first} 和 {other} 编号前面的部分不同。"
            ));
        }
        // `orders_9` and `orders_10` go together; `orders_009` and `orders_10` do not.
        let padded = |shards: &Shards| shards.first.to_string().len() < shards.width;
        if let Some(other) = self.shards.iter().find(|other| other.width != first.width)
            && self.shards.iter().any(padded)
        {
            faults.push(said!(
                "The sharded table “{name}”: {first} and {other} have numbers of {a} and {b} digits, though some begin with zeros.",
                "分表“{name}”：{first} 和 {other} 的编号分别是 {a} 位和 {b} 位，但有的编号以零开头。",
                a = first.width,
                b = other.width
            ));
        }
    }
}
