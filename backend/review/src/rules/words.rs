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
