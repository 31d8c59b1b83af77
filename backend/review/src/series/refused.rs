//! Why a range is not written out: where it stands, what is wrong, what to write instead.

use super::{MAX_DIGITS, Placed};
use crate::{read::MAX_STATEMENTS, rules::words, span::Span};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        problem::{Code, Refusal},
        review::MAX_SQL_BYTES,
    },
};

/// Longest text of a range that is quoted back.
const QUOTED: usize = 50;

/// Where a range stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
}

impl<'a> Place<'a> {
    /// The range itself.
    pub(super) fn range(self) -> &'a str {
        self.span.of(self.text)
    }

    /// The range as it is quoted back.
    fn quoted(self) -> String {
        let range = self.range();
        match range.get(..QUOTED) {
            Some(start) if start.len() < range.len() => format!("{start}…"),
            _ => range.to_owned(),
        }
    }

    /// Line and column, from 1, the column in characters.
    fn line_and_column(self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        (before.matches('\n').count() + 1, in_line.chars().count() + 1)
    }
}

/// What is wrong with a range.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refused<'a> {
    /// It counts down.
    Reversed(Place<'a>, &'a str, &'a str),
    /// Its numbers have different digits.
    Widths(Place<'a>, &'a str, &'a str),
    /// Its numbers are too long.
    Digits(Place<'a>),
    /// Another range of the statement has another length.
    Unequal(Place<'a>, usize, Place<'a>, usize),
    /// So many statements are too many.
    Statements(Place<'a>, usize),
    /// So many bytes are too many.
    Bytes(Place<'a>, usize),
    /// A sharded table has no table of this name.
    Missing(Place<'a>, &'a str),
    /// Two tables of one statement lie in two places.
    Apart(Place<'a>, (&'a str, &'a Placed), (&'a str, &'a Placed)),
    /// A table beside those of a sharded table has no database before it.
    Loose(Place<'a>),
    /// A statement beside those on a sharded table is on none.
    Unplaced(Place<'a>),
    /// It is not known which tables a statement on a sharded table names.
    Obscure(Place<'a>),
}

impl Refused<'_> {
    pub(super) fn refusal(self) -> Refusal {
        let (code, place) = match self {
            Self::Reversed(place, ..)
            | Self::Widths(place, ..)
            | Self::Digits(place)
            | Self::Unequal(place, ..)
            | Self::Missing(place, _)
            | Self::Apart(place, ..)
            | Self::Loose(place)
            | Self::Unplaced(place)
            | Self::Obscure(place) => (Code::Invalid, place),
            Self::Statements(place, _) | Self::Bytes(place, _) => (Code::TooLarge, place),
        };
        let (line, column) = place.line_and_column();
        let Said { en, zh } = self.said(&place.quoted());
        Refusal::new(code, said!("Line {line}, column {column}: {en}", "第 {line} 行第 {column} 列：{zh}"))
    }

    fn said(self, range: &str) -> Said {
        match self {
            Self::Reversed(_, first, last) => said!(
                "the range {range} counts down, so it stands for no table. Write the smaller number first: {{{last}..{first}}}.",
                "范围 {range} 是从大到小，不对应任何表。请把小的数字写在前面：{{{last}..{first}}}。"
            ),
            Self::Widths(_, first, last) => said!(
                "the numbers of the range {range} have {a} and {b} digits, so it is not clear how those between are written. Write \
                 both with as many digits, such as {{00..15}}; for tables without leading zeros write two statements, with \
                 {{0..9}} and with {{10..15}}.",
                "范围 {range} 的两个数字分别是 {a} 位和 {b} 位，中间的数字该怎么写不明确。请写成相同的位数，例如 {{00..15}}；\
                 如果表名没有前导零，请写成两条语句，分别用 {{0..9}} 和 {{10..15}}。",
                a = first.len(),
                b = last.len()
            ),
            Self::Digits(_) => said!(
                "the numbers of the range {range} have more than {MAX_DIGITS} digits, which no series of tables needs. Write \
                 shorter numbers.",
                "范围 {range} 的数字超过 {MAX_DIGITS} 位，表的编号用不到这么长。请写短一些。"
            ),
            Self::Unequal(_, count, other, others) => said!(
                "the range {range} has {count} numbers and {other} in the same statement has {others}; the ranges of a statement \
                 go in step. Make them equally long, or write a statement for each.",
                "范围 {range} 有 {count} 个数字，同一条语句里的 {other} 有 {others} 个；一条语句里的范围是同步递增的。\
                 请写成一样长，或分成几条语句。",
                other = other.quoted()
            ),
            Self::Statements(_, count) => said!(
                "with the range {range} written out there are {count} statements; {MAX_STATEMENTS} is the most for one review. \
                 Split the range over several tickets.",
                "展开范围 {range} 后共有 {count} 条语句，一次评审最多 {MAX_STATEMENTS} 条。请把范围拆成几个工单。"
            ),
            Self::Bytes(_, bytes) => said!(
                "with the range {range} written out the SQL is {bytes} bytes; {MAX_SQL_BYTES} (2 MB) is the most for one review. \
                 Split the range over several tickets.",
                "展开范围 {range} 后 SQL 共 {bytes} 字节，一次评审最多 {MAX_SQL_BYTES} 字节（2 MB）。请把范围拆成几个工单。"
            ),
            Self::Missing(..) | Self::Apart(..) | Self::Loose(_) | Self::Unplaced(_) | Self::Obscure(_) => {
                self.not_placed(range)
            }
        }
    }

    /// Why it is not clear where a statement would run.
    fn not_placed(self, range: &str) -> Said {
        match self {
            Self::Missing(_, name) => said!(
                "the sharded table has no {name}: the inventory says in which databases its tables lie, and knows none of that \
                 number. Write a range of numbers that it has, or ask a DBA to enter the new tables in the inventory first.",
                "分表里没有 {name}：分表的各张表在哪个库由清单决定，清单里没有这个编号。请写已有编号的范围，\
                 或先请 DBA 把新表写进清单。",
                name = words::quoted(name)
            ),
            Self::Apart(_, (one, here), (other, there)) => said!(
                "{one} lies in {here} and {other} in {there}; a statement runs in one place. Write statements that name tables of \
                 one place only.",
                "{one} 在 {here}，{other} 在 {there}；一条语句只能在一处执行。请让每条语句只涉及同一处的表。",
                one = words::quoted(one),
                here = place(here),
                other = words::quoted(other),
                there = place(there)
            ),
            Self::Loose(_) => said!(
                "the table {range} is named without its database, and the statement runs in several databases. Write the database \
                 before it, such as shop.{range}; where it is a sharded table too, ask a DBA to enter it in the inventory.",
                "表 {range} 没有写数据库名，而这条语句要在多个数据库里执行。请在前面写上数据库名，例如 \
                 shop.{range}；如果它也是分表，请 DBA 把它写进清单。"
            ),
            Self::Unplaced(_) => said!(
                "this statement is not on a sharded table, and others of this SQL are, which run in several databases; so it is not \
                 clear where this one should run. File it as a ticket of its own.",
                "这条语句不是对分表的操作，而同一段 SQL 里有对分表的操作，会在多个数据库里执行，因此无法确定它应该在哪里执行。\
                 请另外提交一个工单。"
            ),
            _ => said!(
                "the statement is on a sharded table, and it is not clear which tables it names, so the database can not be written \
                 before each. Tables of several databases can be created, altered, renamed, emptied and dropped, and their rows \
                 inserted, updated and deleted; for anything else write a ticket for each database, with the database before each table.",
                "这条语句涉及分表，但无法确定它用到哪些表，也就无法在每张表前写上数据库名。跨多个数据库的分表支持建表、改表、\
                 改名、清空、删除，以及增删改数据；其他操作请按数据库分别提交工单，并在每张表前写上数据库名。"
            ),
        }
    }
}

/// A place in a few words.
fn place(placed: &Placed) -> String {
    format!("{} ({})", words::quoted(&placed.database), placed.group)
}
