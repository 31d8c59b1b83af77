use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("select-without-limit", Level::Notice, include_str!("select_without_limit.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(scope) = see.statement.queries.scopes.first().filter(|scope| known::stands_alone(see) && scope.has_from && scope.limit.is_none()) else { return };
    let table = known::called(scope);
    tell.at(
        first_word(see.script.sql(), scope.span),
        said!("The query of {table} has no LIMIT.", "对 {table} 的查询没有 LIMIT。"),
        said!("How many rows of {table} it gives is not bounded.", "会返回 {table} 的多少行，没有上限。"),
        Said::fixed("Add a LIMIT.", "请加上 LIMIT。"),
    );
}
