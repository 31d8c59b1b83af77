use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand, JoinKind, Source, Test},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("join-without-condition", Level::NeedsDba, include_str!("join_without_condition.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        let loose: Vec<&Source> = scope
            .sources
            .iter()
            .skip(1)
            .filter(|source| source.table.is_some() && !source.has_condition && matches!(source.join, JoinKind::Comma | JoinKind::Inner | JoinKind::Left | JoinKind::Right))
            .collect();
        let links = scope.tests.iter().filter(|test| links(test)).count();
        let Some(source) = loose.get(links).or_else(|| loose.last()).filter(|_| links < loose.len()) else { continue };
        let Some(table) = &source.table else { continue };
        let (table, other) = (words::table(table), known::called(scope));
        tell.leveled(
            known::by_harm(see),
            source.span,
            said!("{table} is joined to {other} without a condition.", "{table} 和 {other} 关联时没有条件。"),
            said!(
                "Every row of {table} meets every row of {other}: 1,000 rows and 1,000 rows are a million.",
                "{table} 的每一行都会和 {other} 的每一行配对：1,000 行乘 1,000 行就是一百万行。",
            ),
            said!("Say how they belong together: JOIN {table} ON column = column. Where every pair is meant, write CROSS JOIN.", "请写明两者的关系：JOIN {table} ON 列 = 列。如果确实要所有组合，请写 CROSS JOIN。"),
        );
    }
}

/// Whether a test names columns on both sides.
fn links(test: &Test) -> bool {
    let has_column = |operand: &Operand| matches!(operand, Operand::Column(_) | Operand::Calculated(..));
    match &test.what {
        Tested::Compare(left, _, right) | Tested::Like(left, right, _) | Tested::Regexp(left, right, _) => has_column(left) && has_column(right),
        Tested::Between(value, low, high) => has_column(value) && (has_column(low) || has_column(high)),
        Tested::InList(list) => list.values.iter().any(has_column),
        Tested::Other => true,
        _ => false,
    }
}
