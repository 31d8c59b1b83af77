use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("deeply-nested-query", Level::Warning, include_str!("deeply_nested_query.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.query_depth;
    let deepest = see.statement.queries.scopes.iter().max_by_key(|scope| scope.depth);
    let Some(scope) = deepest.filter(|scope| scope.depth > most) else { return };
    let (depth, table) = (scope.depth, known::called(scope));
    tell.at(
        first_word(see.script.sql(), scope.span),
        said!("The sub-select on {table} lies {depth} deep; {most} is the most that can be followed.", "对 {table} 的子查询嵌套了 {depth} 层，建议不超过 {most} 层。"),
        said!("Inner results are kept in temporary tables without an index, and {table} may be read once for each row outside.", "内层结果会存进没有索引的临时表，{table} 可能要为外层的每一行各读一次。"),
        Said::fixed("Write it as a JOIN, or in steps.", "请改写成 JOIN，或者分步执行。"),
    );
}
