use super::{Rule, words};
use crate::{
    facts::{Key, KeyKind},
    judge::{See, Tell},
    shape::{Action, AlterTable, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-index", Level::Warning, include_str!("drop_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let known = see.world.table(&alter.table);
    for op in &alter.ops {
        let Action::DropKey(name, _) = &op.action else { continue };
        let key = known.and_then(|table| table.key(&name.text));
        // Where there is none of this name, that is told instead.
        if known.is_some_and(|table| !table.keys.is_empty()) && key.is_none() {
            continue;
        }
        if key.is_some_and(|key| is_replaced(known.map(|table| table.keys.as_slice()).unwrap_or_default(), alter, key)) {
            continue;
        }
        let (table, shown) = (words::table(&alter.table), words::quoted(&name.text));
        let columns = key.map(|key| words::list(key.parts.iter().map(|part| part.column.as_str())));
        let message = match &columns {
            Some(columns) => said!("This drops the index {shown} ({columns}) of {table}.", "这会删除 {table} 的索引 {shown} ({columns})。"),
            None => said!("This drops the index {shown} of {table}.", "这会删除 {table} 的索引 {shown}。"),
        };
        let why = if key.is_some_and(|key| key.kind == KeyKind::Unique) {
            said!(
                "From then on {table} takes duplicate values that {shown} refuses today, and they can not be told apart later; queries that use {shown} read all of {table}.",
                "从那时起，{shown} 现在拒绝的重复值都能写进 {table}，以后很难清理；用到 {shown} 的查询会扫描整张 {table}。",
            )
        } else {
            said!(
                "A query that still uses {shown} reads all of {table} from that moment on; to build the index again takes as long as {table} is big.",
                "仍在使用 {shown} 的查询，从那一刻起会扫描整张 {table}；重新建索引要花的时间取决于 {table} 的大小。",
            )
        };
        tell.at(op.span, message, why, hide_first(see, &table, &shown));
    }
}

/// Where an index can be hidden, that shows what would become slow, and is taken back in a moment.
fn hide_first(see: &See<'_>, table: &str, index: &str) -> Said {
    let flavour = see.settings.flavour;
    let word = match (flavour.is_mariadb(), flavour.at_least(10, 6), flavour.at_least(8, 0)) {
        (true, true, _) => "IGNORED",
        (false, _, true) => "INVISIBLE",
        _ => {
            return Said::fixed(
                "Make sure that no query uses it (sys.schema_unused_indexes, or the slow log of some weeks).",
                "请先确认没有查询在用它（看 sys.schema_unused_indexes，或最近几周的慢日志）。",
            );
        }
    };
    said!(
        "Hide it first: ALTER TABLE {table} ALTER INDEX {index} {word}. If nothing gets slow in some days, drop it.",
        "请先隐藏它：ALTER TABLE {table} ALTER INDEX {index} {word}。观察几天，没有变慢再删除。",
    )
}

/// Whether another index begins with the same columns, one that stays or one that comes in the same statement.
fn is_replaced(known: &[Key], alter: &AlterTable, dropped: &Key) -> bool {
    let is_dropped = |key: &Key| {
        alter.ops.iter().any(|op| match &op.action {
            Action::DropKey(name, _) => key.name.as_ref().is_some_and(|key| key.eq_ignore_ascii_case(&name.text)),
            Action::DropPrimaryKey => key.kind == KeyKind::Primary,
            _ => false,
        })
    };
    let serves = |key: &Key| {
        let unique_stays = dropped.kind != KeyKind::Unique
            || matches!(key.kind, KeyKind::Unique | KeyKind::Primary) && key.parts.len() == dropped.parts.len();
        let same_kind = matches!(key.kind, KeyKind::Plain | KeyKind::Unique | KeyKind::Primary) || key.kind == dropped.kind;
        let begins = key.parts.len() >= dropped.parts.len()
            && key.parts.iter().zip(&dropped.parts).all(|(new, old)| {
                new.column.eq_ignore_ascii_case(&old.column) && (new.prefix.is_none() || new.prefix >= old.prefix)
            });
        same_kind && unique_stays && begins
    };
    let added = alter.ops.iter().filter_map(|op| match &op.action {
        Action::AddKey(key, _) => Some(key.key()),
        _ => None,
    });
    known.iter().any(|key| !is_dropped(key) && serves(key)) || added.into_iter().any(|key| serves(&key))
}
