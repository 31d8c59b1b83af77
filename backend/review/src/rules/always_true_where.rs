use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("always-true-where", Level::NeedsDba, include_str!("always_true_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let Some(condition) = &change.condition else { return };
    let never_null = condition.not_null_of.as_ref().filter(|column| {
        let named = |table: &&crate::shape::TableUse| column.table.as_ref().is_none_or(|name| table.answers_to(name));
        change.tables.iter().find(named).and_then(|table| see.world.table(&table.name)).is_some_and(|table| {
            table.column(&column.column.text).is_some_and(|column| !column.nullable)
        })
    });
    if !condition.always_true && never_null.is_none() {
        return;
    }
    let Some(target) = crate::questions::changed_tables(&see.statement.shape).into_iter().next() else { return };
    let table = words::table(target);
    let dbdesk_commands::lang::Said { en, zh } = see.rows_said(target);
    let shown = words::shown(condition.span.of(see.script.sql()));
    tell.at(
        condition.span,
        said!("`{shown}` is true for every row.", "`{shown}` 对每一行都成立。"),
        said!(
            "The WHERE keeps nothing out: every row of {table}{en} is changed, as if there were no WHERE.",
            "这个 WHERE 没有过滤任何行：{table} 的所有行{zh}都会被修改，和没有 WHERE 一样。",
        ),
        said!(
            "Write a condition on columns of {table} that only the meant rows fulfil. An OR with something true makes all of it true: check brackets.",
            "请写一个只有目标行才满足的、关于 {table} 的列的条件。OR 里只要有一边恒真，整个条件就恒真，请检查括号。",
        ),
    );
}
