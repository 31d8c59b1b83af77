use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Change, Shape, TableRef},
    world::Known,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("unknown-table", Level::Error, include_str!("unknown_table.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::AlterTable(alter) if !alter.if_exists => need(see, tell, &alter.table),
        Shape::DropTable(drop) if !drop.if_exists && !drop.temporary => {
            drop.tables.iter().for_each(|table| need(see, tell, table));
        }
        Shape::Truncate(table) => need(see, tell, table),
        // Later pairs may use what earlier ones made.
        Shape::RenameTable(pairs) => pairs.iter().take(1).for_each(|(old, _)| need(see, tell, old)),
        Shape::CreateTable(create) => create.like.iter().for_each(|table| need(see, tell, table)),
        Shape::Insert(insert) => {
            need(see, tell, &insert.table);
            insert.reads.iter().for_each(|table| need(see, tell, table));
        }
        Shape::Update(change) | Shape::Delete(change) => changed(see, tell, change),
        _ => {}
    }
}

fn changed(see: &See<'_>, tell: &mut Tell<'_>, change: &Change) {
    for table in change.tables.iter().map(|table| &table.name).chain(&change.reads) {
        need(see, tell, table);
    }
}

fn need(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef) {
    if see.world.look(table) != Known::Absent {
        return;
    }
    let full = words::full(&see.world.name(table));
    let message = if see.world.is_touched(table) {
        said!("There is no table {full} any more: an earlier statement removes or renames it.", "此时已经没有 {full} 表了：前面的语句删除了它或改了名。")
    } else {
        said!("There is no table {full}.", "没有 {full} 表。")
    };
    tell.at(
        table.span(),
        message,
        Said::fixed(
            "The statement would fail at once; the statements after it would not run.",
            "语句会立即失败，后面的语句也不会执行。",
        ),
        Said::fixed(
            "Check the spelling (names of tables are case-sensitive) and the database that you chose.",
            "请检查拼写（表名区分大小写）以及选择的数据库。",
        ),
    );
}
