//! Small pieces of sentences that several rules use.

use crate::{facts::TableName, shape::TableRef};

/// The longest part of somebody's name that is shown.
const MAX_SHOWN: usize = 64;

/// A name in backticks, cut to a length that can be shown.
pub fn quoted(name: &str) -> String {
    if name.chars().count() <= MAX_SHOWN {
        return format!("`{name}`");
    }
    let head: String = name.chars().take(MAX_SHOWN).collect();
    format!("`{head}…`")
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A table as it is written in the statement.
pub fn table(table: &TableRef) -> String {
    match &table.database {
        Some(database) => format!("{}.{}", quoted(&database.text), quoted(&table.table.text)),
        None => quoted(&table.table.text),
    }
}

/// A table by its full name.
pub fn full(name: &TableName) -> String {
    match &name.database {
        Some(database) => format!("{}.{}", quoted(database), quoted(&name.table)),
        None => quoted(&name.table),
    }
}

/// Names in backticks, between commas; at most ten.
pub fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut all: Vec<String> = names.take(11).map(quoted).collect();
    if all.len() > 10 {
        all.truncate(10);
        all.push("…".to_owned());
    }
    all.join(", ")
}

/// A text as it is, cut to a length that can be shown.
pub fn shown(text: &str) -> String {
    let mut letters = text.chars();
    let head: String = letters.by_ref().take(80).collect();
    if letters.next().is_some() { format!("{head}…") } else { head }
}

/// The known name that was most likely meant: one slip away, or two in a longer name.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    if name.len() > MAX_SHOWN {
        return None;
    }
    let name = name.to_lowercase();
    let most = if name.chars().count() > 4 { 2 } else { 1 };
    let close = known.iter().take(500).map(|&known| (distance(&name, &known.to_lowercase(), most), known));
    close.filter(|(far, _)| *far <= most).min().map(|(_, known)| known)
}

/// Letters to insert, remove, replace or swap; more than `most` is `most + 1`.
fn distance(left: &str, right: &str, most: usize) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if left.len().abs_diff(right.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, &letter) in left.iter().enumerate() {
        let mut next = vec![at + 1];
        for (other_at, &other) in right.iter().enumerate() {
            let get = |row: &[usize], at: usize| row.get(at).copied().unwrap_or(usize::MAX / 2);
            let replaced = get(&row, other_at) + usize::from(letter != other);
            let mut best = replaced.min(get(&row, other_at + 1) + 1).min(get(&next, other_at) + 1);
            let swapped = at > 0
                && other_at > 0
                && left.get(at - 1) == Some(&other)
                && right.get(other_at - 1) == Some(&letter);
            if swapped {
                best = best.min(get(&before, other_at - 1) + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

/// The character set that a collation belongs to, by the beginning of its name, where that is one.
pub fn charset_of(collation: &str) -> Option<&'static str> {
    const CHARSETS: [&str; 41] = [
        "armscii8", "ascii", "big5", "binary", "cp1250", "cp1251", "cp1256", "cp1257", "cp850", "cp852",
        "cp866", "cp932", "dec8", "eucjpms", "euckr", "gb18030", "gb2312", "gbk", "geostd8", "greek",
        "hebrew", "hp8", "keybcs2", "koi8r", "koi8u", "latin1", "latin2", "latin5", "latin7", "macce",
        "macroman", "sjis", "swe7", "tis620", "ucs2", "ujis", "utf16", "utf16le", "utf32", "utf8", "utf8mb3",
    ];
    let begin = collation.split('_').next().unwrap_or_default();
    if begin.eq_ignore_ascii_case("utf8mb4") {
        return Some("utf8mb4");
    }
    CHARSETS.into_iter().find(|charset| charset.eq_ignore_ascii_case(begin))
}

/// A size as people say it: `1.5 GB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];
    let Some((unit, size)) = UNITS.into_iter().find(|(_, size)| bytes >= *size) else {
        return format!("{bytes} B");
    };
    let tenths = bytes / (size / 10);
    if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    } else {
        format!("{} {unit}", number(tenths / 10))
    }
}
