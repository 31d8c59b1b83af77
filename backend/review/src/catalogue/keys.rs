//! Indexes and foreign keys of the catalogue's tables: names that the server chooses, indexes that foreign keys bring.

use crate::{
    facts::{Column, Key, KeyKind, KeyPart, Table},
    flavour::{Family, Flavour},
    shape::{Action, AlterOp, ColumnDef},
};
use std::collections::HashMap;

/// More keys than a server takes are not kept.
const MAX_KEYS: usize = 256;

/// A key of one column.
fn single(column: &str, kind: KeyKind) -> Key {
    let part = KeyPart { column: column.to_owned(), ..KeyPart::default() };
    Key { kind, parts: vec![part], ..Key::default() }
}

/// Keys that stand at the columns themselves.
#[must_use]
pub fn column_keys(columns: &[ColumnDef]) -> Vec<Key> {
    columns.iter().filter_map(|column| Some(single(&column.name.text, column.key?))).collect()
}

/// The keys that stand at one column.
pub(super) fn of_column(column: &ColumnDef, flavour: Flavour) -> impl Iterator<Item = Key> {
    let honoured = match flavour.family {
        Family::MySql => flavour.at_least(9, 0),
        Family::MariaDb => flavour.at_least(10, 5),
    };
    let key = column.key.map(|kind| single(&column.name.text, kind));
    let foreign = column.references.as_ref().filter(|_| honoured).map(|reference| Key {
        references: Some(super::references(reference)),
        ..single(&column.name.text, KeyKind::Foreign)
    });
    key.into_iter().chain(foreign)
}

/// Adds keys to the table called `name`, in order, each under the name that the server would choose.
pub(super) fn add(table: &mut Table, name: &str, new: impl Iterator<Item = Key>) {
    for mut key in new {
        if table.keys.len() >= MAX_KEYS {
            return;
        }
        match key.kind {
            KeyKind::Primary => key.name = Some("PRIMARY".to_owned()),
            KeyKind::Foreign => {
                let index = Key {
                    kind: KeyKind::Plain,
                    parts: key.parts.clone(),
                    name: key.name.clone(),
                    implicit: true,
                    ..Key::default()
                };
                push_index(table, index);
                key.name = key.name.or_else(|| Some(foreign_name(table, name)));
            }
            _ => {
                push_index(table, key);
                continue;
            }
        }
        table.keys.push(key);
    }
    without_needless(table);
    primary_is_not_null(table);
}

/// Columns of the primary key are NOT NULL, however they are defined.
fn primary_is_not_null(table: &mut Table) {
    let Some(primary) = table.keys.iter().find(|key| key.kind == KeyKind::Primary) else { return };
    for part in &primary.parts {
        let column = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(&part.column));
        if let Some(column) = column {
            column.nullable = false;
        }
    }
}

fn push_index(table: &mut Table, mut key: Key) {
    if key.name.is_none() {
        // Those that will go give their names to nobody.
        without_needless(table);
        if key.implicit && table.keys.iter().any(|other| serves(other, &key)) {
            return;
        }
        key.name = Some(index_name(table, &key));
    }
    table.keys.push(key);
}

/// `a`, or `a_2` where there is an `a` already.
fn index_name(table: &Table, key: &Key) -> String {
    let first = key.parts.first();
    let base = match first {
        Some(part) if part.is_expression => "functional_index",
        Some(part) => part.column.as_str(),
        None => "index",
    };
    let taken = |name: &str| {
        name.eq_ignore_ascii_case("primary")
            || table.keys.iter().any(|key| {
                key.kind != KeyKind::Foreign
                    && key.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name))
            })
    };
    let numbered = (2..MAX_KEYS).map(|number| format!("{base}_{number}"));
    std::iter::once(base.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// `orders_ibfk_1` and so on.
fn foreign_name(table: &Table, name: &str) -> String {
    let begin = format!("{name}_ibfk_");
    let numbers = table
        .keys
        .iter()
        .filter(|key| key.kind == KeyKind::Foreign)
        .filter_map(|key| key.name.as_deref()?.strip_prefix(&begin)?.parse::<u64>().ok());
    format!("{begin}{}", numbers.max().unwrap_or(0) + 1)
}

/// Indexes that foreign keys brought go where another one serves.
fn without_needless(table: &mut Table) {
    if !table.keys.iter().any(|key| key.implicit) {
        return;
    }
    let needless = |at: usize, key: &Key, keys: &[Key]| {
        key.implicit
            && keys.iter().enumerate().any(|(other_at, other)| {
                // Of two that are alike, the later one stays.
                other_at != at
                    && serves(other, key)
                    && (!other.implicit || other.parts.len() > key.parts.len() || other_at > at)
            })
    };
    let keys = std::mem::take(&mut table.keys);
    let goes: Vec<bool> = keys.iter().enumerate().map(|(at, key)| needless(at, key, &keys)).collect();
    table.keys = keys.into_iter().zip(goes).filter(|(_, goes)| !goes).map(|(key, _)| key).collect();
}

/// Whether `other` begins with whole columns as `key` has them.
fn serves(other: &Key, key: &Key) -> bool {
    matches!(other.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Plain)
        && other.parts.len() >= key.parts.len()
        && other.parts.iter().zip(&key.parts).all(|(other, part)| {
            other.prefix.is_none() && !other.is_expression && other.column.eq_ignore_ascii_case(&part.column)
        })
}

/// Keys that an `ALTER TABLE` drops.
pub(super) fn drop(table: &mut Table, ops: &[AlterOp]) {
    let named =
        |key: &Key, name: &str| key.name.as_deref().is_some_and(|known| known.eq_ignore_ascii_case(name));
    for op in ops {
        match &op.action {
            Action::DropKey(name, _) => {
                let primary = name.text.eq_ignore_ascii_case("primary");
                table.keys.retain(|key| {
                    !(named(key, &name.text) && key.kind != KeyKind::Foreign
                        || primary && key.kind == KeyKind::Primary)
                });
            }
            Action::DropPrimaryKey => table.keys.retain(|key| key.kind != KeyKind::Primary),
            Action::DropForeignKey(name) => {
                table.keys.retain(|key| key.kind != KeyKind::Foreign || !named(key, &name.text));
            }
            Action::DropConstraint(name) => {
                let foreign = |key: &Key| key.kind == KeyKind::Foreign && named(key, &name.text);
                let unique = |key: &Key| {
                    matches!(key.kind, KeyKind::Unique | KeyKind::Primary) && named(key, &name.text)
                };
                let is_foreign = table.keys.iter().any(foreign);
                table.keys.retain(|key| if is_foreign { !foreign(key) } else { !unique(key) });
            }
            _ => {}
        }
    }
}

/// Keys that an `ALTER TABLE` renames, shows or hides.
pub(super) fn rename(table: &mut Table, ops: &[AlterOp]) {
    for key in table.keys.iter_mut().filter(|key| key.kind != KeyKind::Foreign) {
        let Some(name) = key.name.clone() else { continue };
        for op in ops {
            match &op.action {
                Action::RenameKey(old, new) if old.text.eq_ignore_ascii_case(&name) => {
                    key.name = Some(new.text.clone());
                    // Whoever gives it a name keeps it.
                    key.implicit = false;
                    break;
                }
                Action::AlterKey(of, invisible) if of.text.eq_ignore_ascii_case(&name) => {
                    key.invisible = *invisible;
                }
                _ => {}
            }
        }
    }
}

/// Keys follow their columns: under new names, and without those that go.
pub(super) fn follow(
    table: &mut Table,
    elsewhere: &[Column],
    renamed: &HashMap<String, String>,
    goes: impl Fn(&str) -> bool,
) {
    let columns = &table.columns;
    for key in &mut table.keys {
        key.parts.retain(|part| part.is_expression || !goes(&part.column));
        for part in key.parts.iter_mut().filter(|part| !part.is_expression) {
            if let Some(new) = renamed.get(&part.column.to_lowercase()) {
                part.column.clone_from(new);
            }
            let column =
                columns.iter().chain(elsewhere).find(|column| column.name.eq_ignore_ascii_case(&part.column));
            if let (Some(prefix), Some(column)) = (part.prefix, column) {
                let of = &column.column_type;
                let whole = !(of.kind.is_text() || of.kind.is_blob())
                    && of.length.is_none_or(|length| length <= u64::from(prefix));
                if whole {
                    part.prefix = None;
                }
            }
        }
    }
    table.keys.retain(|key| !key.parts.is_empty());
}
