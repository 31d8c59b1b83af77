use super::{Rule, words};
use crate::{
    facts::{Key, KeyKind},
    judge::{See, Tell},
    shape::{Action, AlterTable, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("drop-column-in-index", Level::NeedsDba, include_str!("drop_column_in_index.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if see.world.made_by(&alter.table).is_some() {
        return;
    }
    let Some(known) = see.world.table(&alter.table) else { return };
    for op in &alter.ops {
        let Action::DropColumn(name, _) = &op.action else { continue };
        let holds = |key: &&Key| key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(&name.text));
        for key in known.keys.iter().filter(holds).filter(|key| !goes(alter, key)) {
            // An ordinary index of this column alone goes with it, as one would expect.
            if tell.is_full() || key.kind == KeyKind::Plain && key.parts.len() == 1 {
                continue;
            }
            let (table, column) = (words::table(&alter.table), words::quoted(&name.text));
            let index = match (key.kind, &key.name) {
                (KeyKind::Primary, _) => Said::fixed("the primary key", "主键"),
                (KeyKind::Foreign, _) => Said::fixed("a foreign key", "外键"),
                (_, Some(name)) => said!("the index {name}", "索引 {name}", name = words::quoted(name)),
                (_, None) => Said::fixed("an index", "一个索引"),
            };
            let Said { en, zh } = index;
            tell.at(
                op.span,
                said!("The column {column} of {table} is a part of {en}.", "{table} 的 {column} 列是{zh}的一部分。"),
                why(key, &column, &table),
                said!(
                    "Say in the same statement what is to become of it: DROP INDEX and ADD INDEX with the columns that stay.",
                    "请在同一条语句里写明怎么处理：先 DROP INDEX，再用剩下的列 ADD INDEX。",
                ),
            );
        }
    }
}

fn why(key: &Key, column: &str, table: &str) -> Said {
    match key.kind {
        KeyKind::Primary | KeyKind::Unique => said!(
            "Without {column} the columns that stay must be unique by themselves: the ALTER fails at the first pair of equal rows (MariaDB refuses it at once), and all of {table} is written anew.",
            "去掉 {column} 之后，剩下的列必须自己就唯一：只要有两行相同，ALTER 就会报错（MariaDB 会直接拒绝），而且整张 {table} 都要重写。",
        ),
        KeyKind::Foreign => said!(
            "The server refuses to drop {column} while a foreign key of {table} needs it (error 1828).",
            "{table} 的外键还在使用 {column}，服务器会拒绝删除（1828 错误）。",
        ),
        _ => said!(
            "The server takes {column} out of the index without a word: queries that found their rows by it get slow, and what is left may double another index.",
            "服务器会悄悄把 {column} 从索引里去掉：靠它定位的查询会变慢，剩下的部分还可能和别的索引重复。",
        ),
    }
}

/// Whether the same statement drops the index itself.
fn goes(alter: &AlterTable, key: &Key) -> bool {
    alter.ops.iter().any(|op| match &op.action {
        Action::DropKey(name, _) | Action::DropForeignKey(name) | Action::DropConstraint(name) => {
            key.name.as_ref().is_some_and(|key| key.eq_ignore_ascii_case(&name.text))
        }
        Action::DropPrimaryKey => key.kind == KeyKind::Primary,
        _ => false,
    })
}
