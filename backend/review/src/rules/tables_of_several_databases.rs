use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("tables-of-several-databases", Level::Notice, include_str!("tables_of_several_databases.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        let mut databases: Vec<(&str, Span)> = Vec::new();
        for source in &scope.sources {
            let Some(database) = source.table.as_ref().and_then(|table| table.database.as_ref()) else { continue };
            if databases.iter().all(|(name, _)| *name != database.text) {
                databases.push((&database.text, source.span));
            }
        }
        let Some(&(second, span)) = databases.get(1) else { continue };
        let (first, second) = (words::quoted(databases.first().map(|(name, _)| *name).unwrap_or_default()), words::quoted(second));
        tell.at(
            span,
            said!("Tables of {first} and {second} are used together.", "同时使用了 {first} 和 {second} 的表。"),
            said!("The two can then never be moved to servers of their own, and whoever may only see one of them can not run it.", "这样一来两个库就没法拆到不同的服务器上，只有其中一个库权限的人也无法执行。"),
            said!("Keep a copy of what is needed in one of {first} and {second}, or join in the application.", "请把需要的数据放到 {first} 或 {second} 其中一个库里，或者在应用里关联。"),
        );
    }
}
