use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Tested,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("limit-in-in-sub-select", Level::Error, include_str!("limit_in_in_sub_select.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Tested::InQuery(_, _, start) = &test.what else { continue };
        let Some(inner) = see.statement.queries.at(*start).filter(|inner| !inner.in_union) else { continue };
        let Some(limit) = &inner.limit else { continue };
        let (outer_table, inner_table) = (known::called(scope), known::called(inner));
        tell.at(
            limit.span,
            said!("The IN sub-select on {inner_table} has a LIMIT.", "IN 里对 {inner_table} 的子查询带有 LIMIT。"),
            said!("No MySQL or MariaDB can do that yet (error 1235): the statement on {outer_table} would fail.", "MySQL 和 MariaDB 目前都不支持（错误 1235）：对 {outer_table} 的语句会失败。"),
            Said::fixed("Put one more query around it: IN (SELECT id FROM (SELECT id FROM … LIMIT 10) AS some).", "请再套一层：IN (SELECT id FROM (SELECT id FROM … LIMIT 10) AS some)。"),
        );
    }
}
