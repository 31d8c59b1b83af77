use super::{Rule, words};
use crate::{
    facts::{Key, KeyKind, KeyPart},
    judge::{See, Tell},
    shape::{Action, KeyDef, Shape, TableRef},
    span::Span,
    world::column_keys,
};
use dbdesk_commands::{lang::said, wire::review::Level};

/// No server takes more; looking at pairs of more would take too long.
const MAX_KEYS: usize = 256;

pub const RULE: Rule = Rule::new("redundant-index", Level::NeedsDba, include_str!("redundant_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) => {
            let mut before = column_keys(&create.columns);
            for key in create.keys.iter().take(MAX_KEYS) {
                compare(tell, &create.table, &before, key, key.span);
                before.push(key.key());
            }
        }
        Shape::AlterTable(alter) => {
            let Some(table) = see.world.table(&alter.table).filter(|table| table.keys.len() <= MAX_KEYS) else {
                return only_new(tell, &alter.table, alter.ops.iter().filter_map(|op| added(&op.action)));
            };
            let mut before = table.keys.clone();
            for op in &alter.ops {
                if let Action::DropKey(name, _) = &op.action {
                    before.retain(|key| key.name.as_ref().is_none_or(|known| !known.eq_ignore_ascii_case(&name.text)));
                }
            }
            for op in alter.ops.iter().take(MAX_KEYS) {
                if let Some(key) = added(&op.action) {
                    compare(tell, &alter.table, &before, key, op.span);
                    before.push(key.key());
                }
            }
        }
        _ => {}
    }
}

fn added(action: &Action) -> Option<&KeyDef> {
    match action {
        Action::AddKey(key, _) => Some(key),
        _ => None,
    }
}

fn only_new<'a>(tell: &mut Tell<'_>, table: &TableRef, keys: impl Iterator<Item = &'a KeyDef>) {
    let mut before: Vec<Key> = Vec::new();
    for key in keys.take(MAX_KEYS) {
        compare(tell, table, &before, key, key.span);
        before.push(key.key());
    }
}

fn compare(tell: &mut Tell<'_>, table: &TableRef, before: &[Key], new: &KeyDef, span: Span) {
    let key = new.key();
    if let Some(wider) = before.iter().find(|old| makes_needless(old, &key)) {
        say(tell, table, &key, wider, span, true);
    } else if let Some(narrower) = before.iter().find(|old| makes_needless(&key, old)) {
        say(tell, table, narrower, &key, span, false);
    }
}

/// Whether `narrow` is of no use beside `wide`: its columns are the first ones of `wide`, and it forbids nothing more.
fn makes_needless(wide: &Key, narrow: &Key) -> bool {
    let begins = !narrow.parts.is_empty()
        && narrow.parts.len() <= wide.parts.len()
        && narrow.parts.iter().zip(&wide.parts).all(|(narrow, wide)| covers(wide, narrow));
    let equal = narrow.parts.len() == wide.parts.len();
    let ordered = matches!(wide.kind, KeyKind::Primary | KeyKind::Unique | KeyKind::Plain);
    begins
        && match narrow.kind {
            KeyKind::Plain => ordered,
            KeyKind::Unique => equal && matches!(wide.kind, KeyKind::Primary | KeyKind::Unique),
            KeyKind::FullText | KeyKind::Spatial => equal && wide.kind == narrow.kind,
            KeyKind::Primary | KeyKind::Foreign => false,
        }
}

fn covers(wide: &KeyPart, narrow: &KeyPart) -> bool {
    wide.column.eq_ignore_ascii_case(&narrow.column)
        && wide.descending == narrow.descending
        && (wide.prefix.is_none() || wide.prefix == narrow.prefix)
}

fn say(tell: &mut Tell<'_>, table: &TableRef, narrow: &Key, wide: &Key, span: Span, new_is_narrow: bool) {
    let table = words::table(table);
    let (narrow_name, wide_name) = (called(narrow), called(wide));
    let columns = words::list(wide.parts.iter().map(|part| part.column.as_str()));
    let message = if new_is_narrow {
        said!(
            "Index {narrow_name} of {table} is redundant: {wide_name} ({columns}) begins with the same columns.",
            "{table} 的索引 {narrow_name} 是多余的：{wide_name}（{columns}）的前几列与它相同。",
        )
    } else {
        said!(
            "With {wide_name} ({columns}), the index {narrow_name} of {table} becomes redundant.",
            "有了 {wide_name}（{columns}）之后，{table} 的索引 {narrow_name} 就多余了。",
        )
    };
    tell.at(
        span,
        message,
        said!(
            "Whatever {narrow_name} could serve, {wide_name} serves as well; {narrow_name} only costs space and time at each write to {table}.",
            "{narrow_name} 能支持的查询，{wide_name} 都能支持；多留一个只会让 {table} 的每次写入更慢、更占空间。",
        ),
        if new_is_narrow {
            said!("Leave {narrow_name} out.", "请去掉 {narrow_name}。")
        } else {
            said!("Add to this statement: DROP INDEX {narrow_name}.", "请在这条语句里加上：DROP INDEX {narrow_name}。")
        },
    );
}

fn called(key: &Key) -> String {
    match (&key.name, key.kind) {
        (_, KeyKind::Primary) => "PRIMARY KEY".to_owned(),
        (Some(name), _) => words::quoted(name),
        (None, _) => {
            let columns: Vec<&str> = key.parts.iter().map(|part| part.column.as_str()).collect();
            words::quoted(&columns.join("_"))
        }
    }
}
