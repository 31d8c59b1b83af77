use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::ScopeKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("limit-without-order", Level::Notice, include_str!("limit_without_order.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.kind == ScopeKind::Select) {
        let Some(limit) = scope.limit.filter(|limit| limit.rows != Some(0) && scope.order.is_empty() && scope.has_from && !scope.in_union) else { continue };
        if limit.rows == Some(1) && limit.offset.is_none() && known::stands_alone(see) {
            continue;
        }
        let table = known::called(scope);
        let level = if known::stands_alone(see) { Level::Notice } else { Level::Warning };
        tell.leveled(
            level,
            limit.span,
            said!("LIMIT takes rows of {table} without an order.", "LIMIT 在没有排序的情况下取 {table} 的行。"),
            said!("Which rows of {table} come is left to the plan, and may differ from one run to the next and from server to server.", "取到 {table} 的哪些行由执行计划决定，每次执行、每台服务器都可能不同。"),
            said!("Add ORDER BY with a unique column of {table}, such as its primary key.", "请加上 ORDER BY，用 {table} 的唯一列，例如主键。"),
        );
    }
}
