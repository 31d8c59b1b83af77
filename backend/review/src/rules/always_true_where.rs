use super::{Rule, known, words};
use crate::{
    judge::{See, Tell},
    query::{Given, Operand, Scope, Tested},
    shape::{Shape, TableRef},
    truth::{self, Truth},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("always-true-where", Level::NeedsDba, include_str!("always_true_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let (Shape::Update(change) | Shape::Delete(change)) = &see.statement.shape else { return };
    let (Some(condition), Some(scope)) = (&change.condition, see.statement.queries.change()) else { return };
    let know = |used: &crate::shape::ColumnUse| {
        known::column_of(see, scope, used).map(|(_, table, column)| known::knowledge(table, column))
    };
    let always = condition.always_true || truth::of(&condition.logic, &know) == Truth::Always;
    let Some(target) = crate::questions::changed_tables(&see.statement.shape).into_iter().next() else { return };
    if !always && !is_among_itself(see, scope, target) {
        return;
    }
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

/// `id IN (SELECT id FROM the_same_table)` and nothing more.
fn is_among_itself(see: &See<'_>, scope: &Scope, target: &TableRef) -> bool {
    let [only] = scope.tests.as_slice() else { return false };
    let Tested::InQuery(Operand::Column(column), false, start) = &only.what else { return false };
    let Some(select) = see.statement.queries.at(*start).filter(|_| only.needed) else { return false };
    let plain = select.condition.is_none() && select.having.is_none() && select.limit.is_none() && !select.in_union;
    let ([source], [item]) = (select.sources.as_slice(), select.items.as_slice()) else { return false };
    let same_table = source.table.as_ref().is_some_and(|table| see.world.name(table) == see.world.name(target));
    let same_column = matches!(&item.what, Given::Column(given) if given.column.text.eq_ignore_ascii_case(&column.column.text));
    plain && same_table && same_column
}
