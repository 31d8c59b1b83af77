use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Given,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("distinct-with-brackets", Level::Warning, include_str!("distinct_with_brackets.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.distinct && scope.items.len() > 1) {
        let Some((column, item)) = scope.items.first().and_then(|item| match &item.what {
            Given::Bracketed(column) => Some((column, item)),
            _ => None,
        }) else {
            continue;
        };
        let shown = known::shown(see, scope, column);
        tell.at(
            known::whole(see, item.span),
            said!("DISTINCT holds for all columns, not for {shown} alone.", "DISTINCT 对所有列生效，而不只是 {shown}。"),
            said!("The brackets change nothing: {shown} may come twice, with different values beside it.", "括号不起作用：{shown} 仍可能出现多次，只是旁边的值不同。"),
            said!("For one row for each {shown} write GROUP BY {shown} and aggregates of the other columns.", "如果每个 {shown} 只要一行，请写 GROUP BY {shown}，其他列用聚合函数。"),
        );
    }
}
