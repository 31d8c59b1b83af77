use super::{Rule, definitions::After, names::new_keys, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    questions::changed_tables,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("nullable-unique-index", Level::Notice, include_str!("nullable_unique_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if !new_keys(&see.statement.shape).any(|key| key.kind == KeyKind::Unique) {
        return;
    }
    let (Some(after), Some(table)) = (After::of(see), changed_tables(&see.statement.shape).first().copied()) else {
        return;
    };
    for key in new_keys(&see.statement.shape).filter(|key| key.kind == KeyKind::Unique) {
        let nullable = |name: &str| after.column(name).is_some_and(|column| column.nullable);
        let Some(part) = key.parts.iter().take(64).find(|part| !part.is_expression && nullable(&part.column)) else { continue };
        if tell.is_full() {
            return;
        }
        let (table, column) = (words::table(table), words::quoted(&part.column));
        tell.at(
            key.span,
            said!("{column} of {table} may be NULL, so its unique index allows duplicates.", "{table} 的 {column} 允许 NULL，它的唯一索引挡不住这样的重复。"),
            said!(
                "NULL equals nothing, not even NULL: any number of rows with {column} NULL may be alike in all other columns of the index.",
                "NULL 与任何值都不相等，包括 NULL 自己：{column} 为 NULL 的行，其他列再怎么相同也可以有很多条。",
            ),
            said!("Write NOT NULL at {column}, if there must be only one.", "如果必须唯一，请把 {column} 写成 NOT NULL。"),
        );
    }
}
