use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Given,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("count-of-column", Level::Notice, include_str!("count_of_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        for item in &scope.items {
            let Given::Call(call, Some(column)) = &item.what else { continue };
            let known = known::column_of(see, scope, column).map(|(_, table, column)| known::knowledge(table, column));
            if call != "count" || known.is_some_and(|known| !known.nullable) {
                continue;
            }
            // `COUNT(DISTINCT a)` asks for the values, and means it.
            let text = known::whole(see, item.span).of(see.script.sql()).to_ascii_lowercase();
            if text.contains("distinct") {
                continue;
            }
            let (shown, table) = (known::shown(see, scope, column), known::called(scope));
            tell.at(
                known::whole(see, item.span),
                said!("COUNT counts the rows where {shown} is not NULL.", "COUNT 统计的是 {shown} 不为 NULL 的行数。"),
                said!("Rows of {table} without a value in {shown} are missing from the number.", "{table} 里 {shown} 没有值的行不会计入。"),
                said!("Write COUNT(*) for all rows of {table}.", "要统计 {table} 的所有行，请写 COUNT(*)。"),
            );
        }
    }
}
