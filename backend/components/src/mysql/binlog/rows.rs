//! The rows of an event.

use super::{
    BinlogError,
    bytes::{Bytes, bit},
    compressed,
    table_map::Kept,
    value::{self, Spelling},
};
use dbdesk_review::facts::Column;
use dbdesk_undo::{Row, Values};

/// What an event does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Write,
    Update,
    Delete,
}

/// How rows stand in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) deed: Deed,
    /// Something else may stand before them.
    pub(super) has_more: bool,
    pub(super) is_packed: bool,
}

impl Shape {
    /// That of an event of this number, where it has rows.
    pub(super) fn of(event: u8) -> Option<Self> {
        let (first, has_more, is_packed) = match event {
            23..=25 => (23, false, false),
            30..=32 => (30, true, false),
            166..=168 => (166, false, true),
            169..=171 => (169, true, true),
            _ => return None,
        };
        let deed = match event - first {
            0 => Deed::Write,
            1 => Deed::Update,
            _ => Deed::Delete,
        };
        Some(Self { deed, has_more, is_packed })
    }
}

/// A table as it is, for reading its rows.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) columns: Vec<(Column, Option<Spelling>)>,
    /// The columns by which a row is found.
    pub(super) key: Vec<usize>,
}

/// The table that an event is about.
pub(super) fn table(event: &[u8]) -> Option<u64> {
    Bytes(event).low_first(6)
}

/// What an event did to each of its rows, in its order. A row that got another key is one that went and one that came.
pub(super) fn read(
    event: &[u8],
    shape: Shape,
    (kept, reader): (&[Kept], &Reader),
    most: usize,
) -> Result<Vec<Row>, BinlogError> {
    let broken = || BinlogError::Broken("its rows end too early".into());
    let mut bytes = Bytes(event);
    bytes.take(8).ok_or_else(broken)?;
    if shape.has_more {
        let more = bytes.low_first(2).ok_or_else(broken)?;
        bytes.take((more as usize).saturating_sub(2)).ok_or_else(broken)?;
    }
    let count = bytes.packed().filter(|count| *count == kept.len()).ok_or_else(broken)?;
    let mut present = Vec::new();
    for _ in 0..if shape.deed == Deed::Update { 2 } else { 1 } {
        present.push(bytes.take(count.div_ceil(8)).ok_or_else(broken)?);
    }
    if present.iter().any(|bits| !is_whole(bits, reader)) {
        return Err(BinlogError::Partial);
    }
    let unpacked;
    if shape.is_packed {
        unpacked = compressed::unpacked(bytes.0, most)?;
        bytes = Bytes(&unpacked);
    }
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let mut images = Vec::new();
        for bits in &present {
            images.push(image(&mut bytes, bits, (kept, reader))?);
        }
        put(&mut rows, shape.deed, images, &reader.key);
    }
    Ok(rows)
}

/// Whether every column that has a value of its own is there.
fn is_whole(bits: &[u8], reader: &Reader) -> bool {
    let mut columns = reader.columns.iter().enumerate();
    columns.all(|(at, (column, _))| column.generated.is_some() || bit(bits, at))
}

fn image(
    bytes: &mut Bytes<'_>,
    bits: &[u8],
    (kept, reader): (&[Kept], &Reader),
) -> Result<Values, BinlogError> {
    let broken = || BinlogError::Broken("a row ends too early".into());
    let there: Vec<usize> = (0..kept.len()).filter(|at| bit(bits, *at)).collect();
    let nulls = bytes.take(there.len().div_ceil(8)).ok_or_else(broken)?;
    let mut values = Values::new();
    for (place, at) in there.into_iter().enumerate() {
        let (Some(kept), Some((column, spelling))) = (kept.get(at), reader.columns.get(at)) else {
            return Err(broken());
        };
        let value = if bit(nulls, place) {
            None
        } else {
            let raw = value::raw(*kept, bytes).ok_or_else(broken)?;
            if column.generated.is_some() {
                continue;
            }
            let text = value::text(*kept, raw, column, spelling.as_ref());
            Some(text.ok_or_else(|| BinlogError::Inexact { column: column.name.clone() })?)
        };
        if column.generated.is_none() {
            values.push(value);
        }
    }
    Ok(values)
}

fn put(rows: &mut Vec<Row>, deed: Deed, images: Vec<Values>, key: &[usize]) {
    let mut images = images.into_iter();
    let (first, second) = (images.next(), images.next());
    match deed {
        Deed::Write => rows.push(Row { before: None, after: first }),
        Deed::Delete => rows.push(Row { before: first, after: None }),
        Deed::Update => {
            let of =
                |values: &Option<Values>, at: &usize| values.as_ref().and_then(|all| all.get(*at).cloned());
            if key.iter().all(|at| of(&first, at) == of(&second, at)) {
                rows.push(Row { before: first, after: second });
            } else {
                rows.push(Row { before: first, after: None });
                rows.push(Row { before: None, after: second });
            }
        }
    }
}
