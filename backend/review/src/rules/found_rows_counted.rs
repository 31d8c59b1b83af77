use super::{Rule, known};
use crate::{
    place,
    judge::{See, Tell},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("found-rows-counted", Level::Notice, include_str!("found_rows_counted.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.counts_found_rows) {
        let table = known::called(scope);
        let span = place::words(see.script.sql(), known::whole(see, scope.span), &["SQL_CALC_FOUND_ROWS"]).unwrap_or(scope.span);
        tell.at(
            span,
            said!("All matching rows of {table} are found, only to count them.", "为了计数，{table} 的所有命中行都要查一遍。"),
            said!("The LIMIT saves nothing then; MySQL gives it up (deprecated since 8.0.17).", "这样 LIMIT 就起不到作用了；MySQL 从 8.0.17 起已不推荐使用。"),
            said!("Ask twice: the page with LIMIT, and SELECT COUNT(*) FROM {table} … where the number is needed.", "请分两次查：带 LIMIT 取一页，需要总数时再 SELECT COUNT(*) FROM {table} …。"),
        );
    }
}
