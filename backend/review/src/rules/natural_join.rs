use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::JoinKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("natural-join", Level::Warning, include_str!("natural_join.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        for source in scope.sources.iter().filter(|source| source.join == JoinKind::Natural) {
            let Some(table) = &source.table else { continue };
            let (table, other) = (words::table(table), known::called(scope));
            tell.at(
                source.span,
                said!("{table} is joined by whatever columns happen to have the same name.", "{table} 按碰巧同名的列关联。"),
                said!("Whoever adds a column to {table} or {other}, say note or updated_at, changes which rows belong together, and nobody is told.", "以后给 {table} 或 {other} 加一个同名列（比如 note、updated_at），关联结果就会悄悄改变。"),
                said!("Say it: JOIN {table} ON … or USING (column).", "请写明：JOIN {table} ON … 或 USING (列)。"),
            );
        }
    }
}
