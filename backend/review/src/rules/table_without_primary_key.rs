use super::{Rule, words};
use crate::{
    facts::{KeyKind, Table},
    judge::{See, Tell},
    shape::{Action, AlterTable, CreateTable, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("table-without-primary-key", Level::NeedsDba, include_str!("table_without_primary_key.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) if !create.temporary => created(see, tell, create),
        Shape::AlterTable(alter) => altered(tell, alter),
        _ => {}
    }
}

fn created(see: &See<'_>, tell: &mut Tell<'_>, create: &CreateTable) {
    let missing = match &create.like {
        Some(other) => see.world.table(other).is_some_and(|other| !other.keys.is_empty() && !other.has_primary_key()),
        // Without any column that is told instead.
        None if create.columns.is_empty() && create.select.is_none() => false,
        None => !see.made().is_some_and(Table::has_primary_key),
    };
    if !missing {
        return;
    }
    let table = words::table(&create.table);
    // The column that people mean when they forget to say so.
    let id = create.columns.iter().find(|column| column.name.text.eq_ignore_ascii_case("id"));
    let fix = match id {
        Some(id) => said!(
            "Add PRIMARY KEY ({name}) to the definition, if every row has its own {name}.",
            "如果每一行的 {name} 都不同，请在定义里加上 PRIMARY KEY ({name})。",
            name = words::quoted(&id.name.text),
        ),
        None => Said::fixed(
            "Add a column: `id` bigint unsigned NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`).",
            "请加一列：`id` bigint unsigned NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)。",
        ),
    };
    tell.at(
        create.table.span(),
        said!("The new table {table} has no primary key.", "新表 {table} 没有主键。"),
        said!(
            "Replicas look for each changed row of {table} by reading all of it, so they fall behind; online changes, undo and repair of {table} do not work without a key.",
            "从库要读完整张 {table} 才能找到被修改的每一行，因而产生延迟；没有主键，{table} 也无法在线变更、回滚和修复。",
        ),
        fix,
    );
}

fn altered(tell: &mut Tell<'_>, alter: &AlterTable) {
    let gives = alter.ops.iter().any(|op| match &op.action {
        Action::AddKey(key, _) => key.kind == KeyKind::Primary,
        Action::AddColumns(columns, _) => columns.iter().any(|column| column.key == Some(KeyKind::Primary)),
        Action::Modify(column) | Action::Change(_, column) => column.key == Some(KeyKind::Primary),
        _ => false,
    });
    let Some(op) = alter.ops.iter().find(|op| op.action == Action::DropPrimaryKey).filter(|_| !gives) else { return };
    let table = words::table(&alter.table);
    tell.at(
        op.span,
        said!("{table} would be left without a primary key.", "{table} 将没有主键。"),
        said!(
            "Replicas would read all of {table} for each changed row, and the table is rebuilt with a hidden key.",
            "从库每改一行都要读完整张 {table}；表还会用隐藏主键重建一遍。",
        ),
        said!(
            "Add the new key in the same statement: ALTER TABLE {table} DROP PRIMARY KEY, ADD PRIMARY KEY (…).",
            "请在同一条语句里加上新主键：ALTER TABLE {table} DROP PRIMARY KEY, ADD PRIMARY KEY (…)。",
        ),
    );
}
