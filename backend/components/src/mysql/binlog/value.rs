//! A value of the log as `dbdesk_undo` has it: the same text as the server tells when it is asked for the row.

use super::{
    bytes::{Bytes, bit, hex},
    json, moment, net, real,
    table_map::Kept,
};
use dbdesk_review::{
    facts::Column,
    types::{ColumnType, TypeKind},
};
use std::fmt::Write as _;

/// Bytes that so many digits of a decimal number take.
const DIGIT_BYTES: [usize; 10] = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4];

/// The members of an `ENUM` or `SET` and the comma, in hex, as its character set writes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spelling {
    pub(super) members: Vec<String>,
    pub(super) comma: String,
}

/// The bytes of one value, without its length.
pub(super) fn raw<'a>(kept: Kept, bytes: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let [first, second] = kept.meta;
    let below = usize::from(first).div_ceil(2);
    let length_of = |most: usize| if most < 256 { 1 } else { 2 };
    match kept.code {
        1 | 13 => bytes.take(1),
        2 => bytes.take(2),
        9 | 10 | 14 => bytes.take(3),
        3 | 4 => bytes.take(4),
        5 | 8 => bytes.take(8),
        16 => bytes.take(usize::from(second) + usize::from(first > 0)),
        17 => bytes.take(4 + below),
        18 => bytes.take(5 + below),
        19 => bytes.take(3 + below),
        246 => bytes.take(decimal_bytes(first, second)?),
        15 | 253 => bytes.behind_length(length_of(usize::from(u16::from_le_bytes(kept.meta)))),
        254 => match kept.really() {
            (247 | 248, size) => bytes.take(size),
            (_, most) => bytes.behind_length(length_of(most)),
        },
        242 | 245 | 249..=252 | 255 => bytes.behind_length(usize::from(first)),
        _ => None,
    }
}

/// Its text; `None` where no text would bring it back exactly.
pub(super) fn text(kept: Kept, raw: &[u8], column: &Column, spelling: Option<&Spelling>) -> Option<String> {
    let now = &column.column_type;
    Some(match now.kind {
        TypeKind::TinyInt | TypeKind::SmallInt | TypeKind::MediumInt | TypeKind::Int | TypeKind::BigInt => {
            whole(raw, now)?
        }
        TypeKind::Decimal => decimal(raw, kept.meta, now.zerofill)?,
        TypeKind::Float => {
            real::text(f64::from(f32::from_bits(u32::try_from(Bytes(raw).low_first(4)?).ok()?)))?
        }
        TypeKind::Double => real::text(f64::from_bits(Bytes(raw).low_first(8)?))?,
        TypeKind::Bit => Bytes(raw).high_first(raw.len())?.to_string(),
        TypeKind::Date => moment::date(raw)?,
        TypeKind::Time => moment::time(raw, kept.meta)?,
        TypeKind::DateTime => moment::date_time(raw, kept.meta)?,
        TypeKind::Timestamp => moment::stamp(raw, kept.meta)?,
        TypeKind::Year => match raw.first()? {
            0 => "0000".to_owned(),
            year => (1900 + u32::from(*year)).to_string(),
        },
        TypeKind::Enum => {
            let number = usize::try_from(Bytes(raw).low_first(raw.len())?).ok()?;
            // 0 is the empty text that an error put there.
            match number.checked_sub(1) {
                None => String::new(),
                Some(at) => spelling?.members.get(at)?.clone(),
            }
        }
        TypeKind::Set => members(raw, spelling?)?,
        TypeKind::Json if kept.code == 245 => hex(json::text(raw)?.as_bytes()),
        TypeKind::Binary => hex(&padded(raw, usize::try_from(now.length.unwrap_or(1)).ok()?)),
        TypeKind::Inet4 => net::inet4(&padded(raw, 4))?,
        TypeKind::Inet6 => net::inet6(&padded(raw, 16))?,
        TypeKind::Uuid => net::uuid(&padded(raw, 16))?,
        TypeKind::Other => return None,
        _ => hex(raw),
    })
}

fn whole(raw: &[u8], now: &ColumnType) -> Option<String> {
    let value = Bytes(raw).low_first(raw.len())?;
    let unused = 64_u32.checked_sub(u32::try_from(raw.len()).ok()? * 8)?;
    if !now.unsigned && !now.zerofill {
        return Some(((value << unused).cast_signed() >> unused).to_string());
    }
    let width = if now.zerofill { usize::try_from(now.length?).ok()? } else { 0 };
    Some(format!("{value:0>width$}"))
}

fn decimal_bytes(precision: u8, scale: u8) -> Option<usize> {
    let part = |digits: usize| Some(digits / 9 * 4 + DIGIT_BYTES.get(digits % 9)?);
    Some(part(usize::from(precision.checked_sub(scale)?))? + part(usize::from(scale))?)
}

fn decimal(raw: &[u8], [precision, scale]: [u8; 2], zerofill: bool) -> Option<String> {
    let is_negative = raw.first()? & 0x80 == 0;
    let mut bytes = raw.to_vec();
    *bytes.first_mut()? ^= 0x80;
    if is_negative {
        for byte in &mut bytes {
            *byte = !*byte;
        }
    }
    let mut bytes = Bytes(&bytes);
    let (whole, scale) = (usize::from(precision.checked_sub(scale)?), usize::from(scale));
    let mut digits = String::new();
    let first = std::iter::once(whole % 9).chain(std::iter::repeat_n(9, whole / 9));
    let last = std::iter::repeat_n(9, scale / 9).chain(std::iter::once(scale % 9));
    for count in first.chain(last) {
        let group = bytes.high_first(*DIGIT_BYTES.get(count)?)?;
        if count > 0 {
            let _ = write!(digits, "{group:0>count$}");
        }
    }
    let (whole, below) = digits.split_at_checked(whole)?;
    let whole = if zerofill { whole } else { whole.trim_start_matches('0') };
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if is_negative { "-" } else { "" };
    Some(if below.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{below}") })
}

fn members(raw: &[u8], spelling: &Spelling) -> Option<String> {
    let chosen = (0..raw.len() * 8).filter(|at| bit(raw, *at));
    let names: Option<Vec<&str>> = chosen.map(|at| spelling.members.get(at).map(String::as_str)).collect();
    Some(names?.join(&spelling.comma))
}

/// The log leaves out zeros at the end.
fn padded(raw: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = raw.to_vec();
    if bytes.len() < length {
        bytes.resize(length, 0);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_number_keeps_every_digit() {
        let written = |raw: &[u8], meta| decimal(raw, meta, false);
        assert_eq!(written(&[0x81, 0x0A], [4, 2]).as_deref(), Some("1.10"));
        assert_eq!(written(&[0x7E, 0xF5], [4, 2]).as_deref(), Some("-1.10"));
        assert_eq!(written(&[0x80, 0x00], [4, 2]).as_deref(), Some("0.00"));
        assert_eq!(written(&[0x80], [4, 2]), None, "cut off");
    }
}
