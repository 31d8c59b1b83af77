//! The bytes in which MySQL keeps a JSON document, as the text that it shows.

use super::{bytes::Bytes, real};
use std::fmt::Write as _;

/// Documents are nested at most so deep; the server itself takes 100.
const DEPTH: u32 = 101;

/// `None`: it holds what no text brings back exactly (a date or a decimal number of SQL), or it is broken.
pub(super) fn text(document: &[u8]) -> Option<String> {
    let mut out = String::new();
    // An empty one is NULL that an error put there.
    let (kind, body) = document.split_first()?;
    value(&mut out, *kind, body, DEPTH)?;
    Some(out)
}

fn value(out: &mut String, kind: u8, body: &[u8], depth: u32) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match kind {
        0..=3 => return container(out, body, Sort::of(kind), depth),
        11 => {
            let number = f64::from_bits(Bytes(body).low_first(8)?);
            let written = real::text(number)?;
            out.push_str(&written);
            if !written.contains(['.', 'e']) {
                out.push_str(".0");
            }
        }
        12 => {
            let mut bytes = Bytes(body);
            let length = length(&mut bytes)?;
            string(out, bytes.take(length)?)?;
        }
        _ => scalar(out, kind, Bytes(body))?,
    }
    Some(())
}

fn scalar(out: &mut String, kind: u8, mut body: Bytes<'_>) -> Option<()> {
    let signed = |value: u64, bits: u32| {
        let unused = 64 - bits;
        ((value << unused).cast_signed() >> unused).to_string()
    };
    let written = match kind {
        4 => match body.byte()? {
            0 => "null".to_owned(),
            1 => "true".to_owned(),
            2 => "false".to_owned(),
            _ => return None,
        },
        5 => signed(body.low_first(2)?, 16),
        6 => body.low_first(2)?.to_string(),
        7 => signed(body.low_first(4)?, 32),
        8 => body.low_first(4)?.to_string(),
        9 => signed(body.low_first(8)?, 64),
        10 => body.low_first(8)?.to_string(),
        _ => return None,
    };
    out.push_str(&written);
    Some(())
}

/// A length of seven bits a byte, the lowest first.
fn length(bytes: &mut Bytes<'_>) -> Option<usize> {
    let mut length = 0_usize;
    for at in 0..5 {
        let byte = bytes.byte()?;
        length |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

fn string(out: &mut String, bytes: &[u8]) -> Option<()> {
    out.push('"');
    for letter in std::str::from_utf8(bytes).ok()?.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if other < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    Some(())
}

/// An object or an array, with places of two or of four bytes.
#[derive(Clone, Copy)]
struct Sort {
    is_object: bool,
    place: usize,
}

impl Sort {
    fn of(kind: u8) -> Self {
        Self { is_object: kind < 2, place: if kind.is_multiple_of(2) { 2 } else { 4 } }
    }

    /// Whether a value of this kind stands where else its place would.
    fn holds(self, kind: u8) -> bool {
        matches!(kind, 4..=6) || self.place == 4 && matches!(kind, 7 | 8)
    }
}

fn container(out: &mut String, body: &[u8], sort: Sort, depth: u32) -> Option<()> {
    let at = |place: u64| body.get(usize::try_from(place).ok()?..);
    let mut head = Bytes(body);
    let count = head.low_first(sort.place)?;
    head.take(sort.place)?;
    let mut keys = Vec::new();
    for _ in 0..if sort.is_object { count } else { 0 } {
        let (place, length) = (head.low_first(sort.place)?, head.low_first(2)?);
        keys.push(at(place)?.get(..usize::try_from(length).ok()?)?);
    }
    out.push(if sort.is_object { '{' } else { '[' });
    let mut keys = keys.into_iter();
    for number in 0..count {
        if number > 0 {
            out.push_str(", ");
        }
        if sort.is_object {
            string(out, keys.next()?)?;
            out.push_str(": ");
        }
        let kind = head.byte()?;
        let entry = head.take(sort.place)?;
        let inside = if sort.holds(kind) { entry } else { at(Bytes(entry).low_first(sort.place)?)? };
        value(out, kind, inside, depth)?;
    }
    out.push(if sort.is_object { '}' } else { ']' });
    Some(())
}
