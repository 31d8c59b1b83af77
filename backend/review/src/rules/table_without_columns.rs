use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("table-without-columns", Level::Error, include_str!("table_without_columns.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) if create.columns.is_empty() && create.like.is_none() && create.select.is_none() => {
            let table = words::table(&create.table);
            tell.at(
                create.table.span(),
                said!("The new table {table} has no columns.", "新表 {table} 没有列。"),
                Said::fixed("The server refuses a table without a column (error 1113).", "服务器不接受没有列的表（1113 错误）。"),
                said!(
                    "Write its columns: CREATE TABLE {table} (`id` bigint unsigned NOT NULL AUTO_INCREMENT, …, PRIMARY KEY (`id`)).",
                    "请写出各列：CREATE TABLE {table} (`id` bigint unsigned NOT NULL AUTO_INCREMENT, …, PRIMARY KEY (`id`))。",
                ),
            );
        }
        Shape::AlterTable(alter) => {
            let Some(known) = see.world.table(&alter.table).filter(|table| !table.columns.is_empty()) else { return };
            if alter.ops.iter().any(|op| matches!(op.action, Action::AddColumns(..))) {
                return;
            }
            let dropped = |column: &str| {
                alter.ops.iter().any(|op| matches!(&op.action, Action::DropColumn(name, _) if name.text.eq_ignore_ascii_case(column)))
            };
            if !known.columns.iter().all(|column| dropped(&column.name)) {
                return;
            }
            let table = words::table(&alter.table);
            tell.at(
                alter.table.span(),
                said!("This drops every column of {table}.", "这会删除 {table} 的所有列。"),
                Said::fixed("The server refuses it (error 1090): a table has at least one column.", "服务器会拒绝（1090 错误）：表至少要有一列。"),
                said!("To remove the table, write DROP TABLE {table}.", "如果要删除这张表，请写 DROP TABLE {table}。"),
            );
        }
        _ => {}
    }
}
