use super::{Rule, words};
use crate::{
    facts::{KeyKind, Table},
    judge::{See, Tell},
    questions::changed_tables,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("change-of-table-without-primary-key", Level::Warning, include_str!("change_of_table_without_primary_key.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if !matches!(see.statement.shape, Shape::Update(_) | Shape::Delete(_)) {
        return;
    }
    for target in changed_tables(&see.statement.shape) {
        let Some(table) = see.world.table(target).filter(|table| !table.is_view && !table.columns.is_empty()) else { continue };
        if has_key(table) {
            continue;
        }
        let name = words::table(target);
        tell.at(
            target.span(),
            said!("{name} has no primary key.", "{name} 没有主键。"),
            said!(
                "Its rows can not be told apart: the old rows of {name} can not be saved so that they could be put back, and a replica looks through the whole table for every row that changes.",
                "它的行无法区分：修改前的 {name} 旧数据无法备份到可以逐行恢复的程度；而且每改一行，从库都要扫描整张表。",
            ),
            said!("Give {name} a primary key first, in a ticket of its own.", "请先用单独的工单给 {name} 加上主键。"),
        );
    }
}

fn has_key(table: &Table) -> bool {
    table.keys.iter().any(|key| {
        let never_null = key.parts.iter().all(|part| table.column(&part.column).is_some_and(|column| !column.nullable));
        key.kind == KeyKind::Primary || key.kind == KeyKind::Unique && never_null
    })
}
