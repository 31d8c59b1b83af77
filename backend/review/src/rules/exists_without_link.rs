use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand, Scope, Test},
    shape::ColumnUse,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("exists-without-link", Level::NeedsDba, include_str!("exists_without_link.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let queries = &see.statement.queries;
    let Some(change) = queries.change() else { return };
    for test in &change.tests {
        let Tested::Exists(_, start) = &test.what else { continue };
        let Some(inner) = queries.at(*start) else { continue };
        let has_children = queries.scopes.iter().any(|scope| scope.parent.is_some_and(|parent| queries.scopes.get(parent) == Some(inner)));
        if has_children || inner.in_union || inner.sources.is_empty() || !inner.tests.iter().all(|test| is_own(see, inner, test)) {
            continue;
        }
        let (outer_table, inner_table) = (known::called(change), known::called(inner));
        tell.at(
            known::whole(see, inner.span),
            said!("The sub-select on {inner_table} does not look at the row of {outer_table}.", "对 {inner_table} 的子查询没有用到 {outer_table} 当前行的任何列。"),
            said!(
                "Its answer is the same for every row: either all rows of {outer_table} that the rest allows are changed, or none.",
                "它对每一行的结果都一样：其余条件允许的 {outer_table} 的行，要么全改，要么一行都不改。",
            ),
            said!("Tie them together inside of the sub-select: … AND {inner_table}.column = {outer_table}.column.", "请在子查询里把两者关联起来：… AND {inner_table}.列 = {outer_table}.列。"),
        );
    }
}

/// Whether a test names certainly no column but those of its own scope.
fn is_own(see: &See<'_>, scope: &Scope, test: &Test) -> bool {
    let column = |column: &ColumnUse| match &column.table {
        Some(name) => scope.sources.iter().any(|source| source.answers_to(name)),
        None => known::column_of(see, scope, column).is_some(),
    };
    let operand = |operand: &Operand| match operand {
        Operand::Column(used) => column(used),
        Operand::Calculated(_, columns, _) => columns.iter().all(column),
        Operand::Query(..) => false,
        _ => true,
    };
    match &test.what {
        Tested::Compare(left, _, right) | Tested::Like(left, right, _) | Tested::Regexp(left, right, _) => operand(left) && operand(right),
        Tested::InList(list) => operand(&list.left) && list.values.iter().all(operand) && list.len <= list.values.len(),
        Tested::Between(value, low, high) => operand(value) && operand(low) && operand(high),
        Tested::IsNull(value, _) | Tested::Alone(value) => operand(value),
        _ => false,
    }
}
