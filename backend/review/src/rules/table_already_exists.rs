use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape, TableRef},
    world::Known,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("table-already-exists", Level::Error, include_str!("table_already_exists.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    match &see.statement.shape {
        Shape::CreateTable(create) if create.or_replace || create.temporary => {}
        Shape::CreateTable(create) if create.if_not_exists => skipped(see, tell, &create.table),
        Shape::CreateTable(create) => taken(see, tell, &create.table),
        Shape::RenameTable(pairs) => {
            // In `RENAME a TO b, b TO c` names move on; only the plain case is certain.
            if let [(_, new)] = pairs.as_slice() {
                taken(see, tell, new);
            }
        }
        Shape::AlterTable(alter) => {
            for op in &alter.ops {
                if let Action::RenameTable(new) = &op.action
                    && see.world.name(new) != see.world.name(&alter.table)
                {
                    taken(see, tell, new);
                }
            }
        }
        _ => {}
    }
}

fn taken(see: &See<'_>, tell: &mut Tell<'_>, new: &TableRef) {
    if !matches!(see.world.look(new), Known::Present(_)) {
        return;
    }
    let table = words::table(new);
    let message = match see.world.made_by(new) {
        Some(index) => said!(
            "There is a table {table} by now: statement {number} makes it.",
            "此时已经有 {table} 表了：第 {number} 条语句创建了它。",
            number = index + 1,
        ),
        None => said!("There is a table {table} already.", "已经有 {table} 表了。"),
    };
    tell.at(
        new.span(),
        message,
        said!("The statement would fail, and {table} stays as it is.", "语句会失败，{table} 保持原样。"),
        said!("Choose another name, or change the table there is with ALTER TABLE {table}.", "请换一个表名，或用 ALTER TABLE {table} 修改已有的表。"),
    );
}

fn skipped(see: &See<'_>, tell: &mut Tell<'_>, new: &TableRef) {
    if !matches!(see.world.look(new), Known::Present(_)) {
        return;
    }
    let table = words::table(new);
    tell.leveled(
        Level::Warning,
        new.span(),
        said!("There is a table {table} already: this statement does nothing.", "已经有 {table} 表了：这条语句什么都不会做。"),
        said!("The table that is there keeps its columns, even if they are not those written here.", "已有的表会保留自己的列，即使和这里写的不一样。"),
        said!("Compare with SHOW CREATE TABLE {table}, and use ALTER TABLE {table} for what differs.", "请用 SHOW CREATE TABLE {table} 对比，不同之处用 ALTER TABLE {table} 修改。"),
    );
}
