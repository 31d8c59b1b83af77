use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Operand,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("order-by-calculation", Level::Notice, include_str!("order_by_calculation.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        for key in &scope.order {
            let Operand::Calculated(_, columns, span) = &key.by else { continue };
            // A column of the list may be called so, and an aggregate has no index anyway.
            let Some(column) = columns.first().filter(|_| scope.group.is_empty()) else { continue };
            let shown = known::shown(see, scope, column);
            tell.at(
                known::whole(see, *span),
                said!("Rows are sorted by what is made of {shown}.", "按 {shown} 的计算结果排序。"),
                said!("No index on {shown} has this order, so that all rows are fetched and sorted before the first is given.", "{shown} 的索引没有这个顺序，必须取出所有行排完序，才能返回第一行。"),
                said!("Sort by {shown} itself.", "请直接按 {shown} 排序。"),
            );
        }
    }
}
