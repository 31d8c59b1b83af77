use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Given,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("sum-may-be-null", Level::Notice, include_str!("sum_may_be_null.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.group.is_empty()) {
        for item in &scope.items {
            let Given::Call(call, Some(column)) = &item.what else { continue };
            if call != "sum" && call != "avg" {
                continue;
            }
            let (shown, table) = (known::shown(see, scope, column), known::called(scope));
            tell.at(
                known::whole(see, item.span),
                said!("The sum of {shown} is NULL where no row matches.", "没有命中任何行时，{shown} 的合计是 NULL。"),
                said!("An application that expects a number from {table} gets none.", "期望从 {table} 得到数字的应用会拿到空值。"),
                said!("Write COALESCE(SUM({shown}), 0).", "请写成 COALESCE(SUM({shown}), 0)。"),
            );
        }
    }
}
