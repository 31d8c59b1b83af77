use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::{ScopeKind, Clause},
    read::first_word,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("select-without-where", Level::Warning, include_str!("select_without_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    if !known::stands_alone(see) {
        return;
    }
    for scope in see.statement.queries.scopes.iter().filter(|scope| scope.depth == 0 && scope.kind == ScopeKind::Select) {
        let Some(table) = scope.sources.first().and_then(|source| source.table.as_ref()) else { continue };
        let bounded = scope.condition.is_some() || scope.limit.is_some() || scope.tests.iter().any(|test| test.clause == Clause::On);
        let small = see.world.table(table).and_then(|table| table.rows).is_some_and(|rows| rows <= see.settings.limits.scanned_rows);
        if bounded || small || table.table.text.eq_ignore_ascii_case("dual") {
            continue;
        }
        let Said { en, zh } = see.rows_said(table);
        let table = words::table(table);
        tell.at(
            first_word(see.script.sql(), scope.span),
            said!("The whole of {table}{en} is read.", "会读取整个 {table}{zh}。"),
            said!("Every row of {table} goes through the server's memory and pushes out what others need.", "{table} 的每一行都要经过服务器内存，会把别人要用的数据挤出缓存。"),
            Said::fixed("Say with WHERE which rows are needed, or add a LIMIT.", "请用 WHERE 说明需要哪些行，或者加上 LIMIT。"),
        );
    }
}
