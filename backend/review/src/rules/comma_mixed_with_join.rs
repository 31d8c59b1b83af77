use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::JoinKind,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("comma-mixed-with-join", Level::Warning, include_str!("comma_mixed_with_join.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        let Some(comma) = scope.sources.iter().position(|source| source.join == JoinKind::Comma) else { continue };
        let joined = scope.sources.iter().find(|source| !matches!(source.join, JoinKind::First | JoinKind::Comma));
        let (Some(joined), Some(after)) = (joined, scope.sources.get(comma)) else { continue };
        let name = joined.table.as_ref().map_or_else(|| known::called(scope), words::table);
        tell.at(
            after.span.to(joined.span),
            said!("Tables are joined by comma and by JOIN together; JOIN {name} binds first.", "逗号关联和 JOIN 混用，而 JOIN {name} 优先结合。"),
            said!(
                "The ON of {name} sees only the table right before JOIN: a column of a table before the comma is an error there (1054).",
                "{name} 的 ON 只能看到紧挨着 JOIN 的那张表；引用逗号前面的表会报错（1054）。",
            ),
            Said::fixed("Write JOIN … ON for all of them.", "请统一写成 JOIN … ON。"),
        );
    }
}
