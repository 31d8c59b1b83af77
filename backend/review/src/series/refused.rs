//! Why a range is not written out: where it stands, what is wrong, what to write instead.

use super::MAX_DIGITS;
use crate::{read::MAX_STATEMENTS, span::Span};
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
}

impl Refused<'_> {
    pub(super) fn refusal(self) -> Refusal {
        let (code, place) = match self {
            Self::Reversed(place, ..) | Self::Widths(place, ..) | Self::Digits(place) => {
                (Code::Invalid, place)
            }
            Self::Unequal(place, ..) => (Code::Invalid, place),
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
        }
    }
}
