use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    questions::changed_tables,
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("several-tables-changed", Level::Warning, include_str!("several_tables_changed.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let changed = changed_tables(&see.statement.shape);
    if !change.multi || changed.len() < 2 {
        return;
    }
    let tables: Vec<String> = changed.iter().take(10).map(|table| words::table(table)).collect();
    let (en, zh) = (tables.join(", "), tables.join("、"));
    tell.at(
        change.tables_span,
        said!("One statement changes rows of {en}.", "一条语句同时修改 {zh} 的行。"),
        said!(
            "All of them stay locked until the last row is done, and it can not be said beforehand how many rows of each table change.",
            "在最后一行改完之前，这些表的行一直被锁着；事先也无法说清每张表各改多少行。",
        ),
        said!("Write one statement for each table: {en}.", "请为每张表写一条语句：{zh}。"),
    );
}
