//! Numbered tables: `orders_0000` to `orders_0511` are one table to their owner, also in several databases. Statements that are
//! the same but for the number and the database are found here, so that what is wrong with all of them is told once.

use crate::{
    facts::{Column, Key, Table},
    judged::{Found, Judged},
    mend::Edit,
    questions::changed_tables,
    read::{Script, Statement},
    rules::words,
    shape::TableRef,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

/// So many statements that differ by the number alone are a series.
const SERIES: usize = 3;
/// A longer statement is not compared.
const MAX_BYTES: usize = 64 * 1024;
/// Digits of a table's number.
const MAX_DIGITS: usize = 6;
/// Names that are listed before the others are counted.
const LISTED: usize = 3;

/// The series of a script.
#[derive(Debug, Default)]
pub struct Numbered {
    /// The statements of each series, by its first.
    series: BTreeMap<usize, Vec<usize>>,
    /// The first statement of the series that a later one belongs to.
    leader: HashMap<usize, usize>,
}

impl Numbered {
    /// Finds them.
    #[must_use]
    pub fn of(script: &Script) -> Self {
        let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
        if script.statements().len() >= SERIES {
            for statement in script.statements() {
                if let Some(pattern) = pattern(script, statement) {
                    alike.entry(pattern).or_default().push(statement.index);
                }
            }
        }
        let mut found = Self::default();
        for all in alike.into_values().filter(|all| all.len() >= SERIES) {
            let Some((&first, rest)) = all.split_first() else { continue };
            found.leader.extend(rest.iter().map(|index| (*index, first)));
            found.series.insert(first, all);
        }
        found
    }

    /// Whether an earlier statement says the same of another number.
    #[must_use]
    pub fn is_repeated(&self, index: usize) -> bool {
        self.leader.contains_key(&index)
    }

    /// The first of the statements that say the same of another number, or itself.
    #[must_use]
    pub fn leader(&self, index: usize) -> usize {
        self.leader.get(&index).copied().unwrap_or(index)
    }

    /// All statements of the series that begins here; empty where none does.
    #[must_use]
    pub fn beginning_at(&self, index: usize) -> &[usize] {
        self.series.get(&index).map_or(&[], Vec::as_slice)
    }

    /// Tells once what is found alike in several statements of a series.
    pub fn fold(&self, script: &Script, judged: &mut Judged) {
        for series in self.series.values() {
            fold(script, judged, series);
        }
    }
}

/// A finding's statement, and its place among those of the statement.
type Place = (usize, usize);

fn fold(script: &Script, judged: &mut Judged, series: &[usize]) {
    let mut first: HashMap<(String, String, Level), Place> = HashMap::new();
    let mut others: BTreeMap<Place, (Vec<String>, Vec<Edit>)> = BTreeMap::new();
    for &index in series {
        let Some(changed) = script.statements().get(index).and_then(table) else { continue };
        let Some(statement) = judged.statements.get_mut(index) else { continue };
        let mut place = 0;
        statement.findings.retain(|found| {
            let key = (found.rule.to_string(), without_table(changed, &found.message.en), found.level);
            if let Some(told) = first.get(&key) {
                let (tables, edits) = others.entry(*told).or_default();
                tables.push(words::table(changed));
                edits.extend(found.edits.iter().cloned());
                return false;
            }
            first.insert(key, (index, place));
            place += 1;
            true
        });
    }
    for ((index, place), (names, edits)) in others {
        let statement = judged.statements.get_mut(index);
        let Some(found) = statement.and_then(|statement| statement.findings.get_mut(place)) else { continue };
        also(found, &names);
        if !found.edits.is_empty() {
            found.edits.extend(edits);
        }
    }
}

/// What is said of a table, with neither its number nor its database.
fn without_table(table: &TableRef, said: &str) -> String {
    let said = match &table.database {
        Some(database) => Cow::Owned(said.replace(&format!("{}.", words::quoted(&database.text)), "")),
        None => Cow::Borrowed(said),
    };
    said.replace(&table.table.text, "#")
}

/// The finding speaks of these tables too.
fn also(found: &mut Found, names: &[String]) {
    let (listed, count) = (listed(names), names.len());
    let Said { en, zh } = &found.message;
    found.message = if count == 1 {
        said!("{en} So it is with {listed}.", "{zh}{listed} 也是如此。")
    } else {
        said!(
            "{en} So it is with {count} more tables: {listed}.",
            "{zh}另有 {count} 张表也是如此：{listed}。"
        )
    };
}

/// The first names; of more only that there are.
fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
    let more = if names.len() > LISTED { " …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// The table that a statement changes.
#[must_use]
pub fn table(statement: &Statement) -> Option<&TableRef> {
    changed_tables(&statement.shape).into_iter().next()
}

/// The statement with its table's number and database taken out; `None` where the table has no number.
fn pattern(script: &Script, statement: &Statement) -> Option<String> {
    let table = table(statement)?;
    let name = &table.table.text;
    let (stem, number) = name.rsplit_once('_')?;
    let is_number =
        (1..=MAX_DIGITS).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let text = script.text(statement).trim();
    if !is_number || text.len() > MAX_BYTES {
        return None;
    }
    let numbered = |text: &str| text.replace(name.as_str(), &format!("{stem}_#"));
    let Some(database) = &table.database else { return Some(numbered(text)) };
    let database = format!("{}.", database.span.of(script.sql()));
    // Shorter names have more blanks before them where a series was written out.
    let parts: Vec<&str> = text.split(&database).map(|part| part.trim_end_matches(' ')).collect();
    Some(numbered(&parts.join(" #.")))
}

/// In what the structure of two tables of a series differs, in few words.
#[must_use]
pub fn difference(first: &Table, other: &Table) -> Option<Said> {
    let quoted = words::quoted;
    let shape = |column: &Column| {
        (column.data_type.clone(), column.nullable, column.auto_increment, column.generated)
    };
    for column in &first.columns {
        let name = quoted(&column.name);
        match other.column(&column.name) {
            None => return Some(said!("column {name} is missing", "缺少列 {name}")),
            Some(found) if shape(found) != shape(column) => {
                return Some(said!("column {name} is defined otherwise", "列 {name} 的定义不同"));
            }
            Some(_) => {}
        }
    }
    if let Some(more) = other.columns.iter().find(|column| first.column(&column.name).is_none()) {
        return Some(said!("column {name} is more than it has", "多出列 {name}", name = quoted(&more.name)));
    }
    let parts = |table: &Table| {
        let of = |key: &Key| {
            let columns: Vec<String> = key.parts.iter().map(|part| part.column.to_lowercase()).collect();
            (key.kind, columns)
        };
        let mut all: Vec<_> = table.keys.iter().map(of).collect();
        all.sort();
        all
    };
    if parts(first) != parts(other) {
        return Some(Said::fixed("its indexes differ", "索引不同"));
    }
    let order =
        |table: &Table| table.columns.iter().map(|column| column.name.to_lowercase()).collect::<Vec<_>>();
    (order(first) != order(other)).then(|| Said::fixed("its columns stand in another order", "列的顺序不同"))
}
