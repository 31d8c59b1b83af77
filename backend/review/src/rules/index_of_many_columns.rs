use super::{Rule, names::new_keys, words};
use crate::{
    facts::KeyKind,
    judge::{See, Tell},
    questions::changed_tables,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("index-of-many-columns", Level::Warning, include_str!("index_of_many_columns.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(table) = changed_tables(&see.statement.shape).first().copied() else { return };
    let most = see.settings.limits.index_columns;
    let server = if see.settings.flavour.is_mariadb() { 32 } else { 16 };
    for key in new_keys(&see.statement.shape) {
        let count = key.parts.len();
        if count <= most && count <= server || key.kind == KeyKind::Foreign || tell.is_full() {
            continue;
        }
        // The primary key has a rule of its own.
        if key.kind == KeyKind::Primary && count <= server {
            continue;
        }
        let table = words::table(table);
        let name = key.name.as_ref().map_or_else(String::new, |name| words::quoted(&name.text));
        if count > server {
            tell.leveled(
                Level::Error,
                key.span,
                said!("The index {name} of {table} has {count} columns; {server} is the most.", "{table} 的索引 {name} 有 {count} 列，上限是 {server}。"),
                said!("The server refuses the statement (error 1070).", "服务器会拒绝这条语句（错误 1070）。"),
                said!("Keep the columns that queries search by.", "请只保留查询条件用到的列。"),
            );
            continue;
        }
        tell.at(
            key.span,
            said!(
                "The index {name} of {table} has {count} columns; {most} are enough for most queries.",
                "{table} 的索引 {name} 有 {count} 列，一般的查询 {most} 列就够了。",
            ),
            said!(
                "It serves only queries that give its first columns; each further column makes it bigger and is written with each change of {table}.",
                "只有给出前几列的查询才用得上它；每多一列索引就更大，{table} 的每次修改也要多写一份。",
            ),
            said!(
                "Keep the columns compared with =, then the one searched by range or sorted by.",
                "请保留用 = 比较的列，再加上做范围查询或排序的那一列。",
            ),
        );
    }
}
