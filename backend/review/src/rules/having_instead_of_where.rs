use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Clause,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("having-instead-of-where", Level::Notice, include_str!("having_instead_of_where.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        let aliases: Vec<&str> = scope.items.iter().filter_map(|item| item.alias.as_deref()).collect();
        for test in scope.tests.iter().filter(|test| test.clause == Clause::Having && test.needed) {
            let Some((column, _)) = known::column_and_value(test) else { continue };
            // A name given in the list, most often to an aggregate, is not known to WHERE.
            if aliases.iter().any(|alias| alias.eq_ignore_ascii_case(&column.column.text)) {
                continue;
            }
            let (shown, table) = (known::shown(see, scope, column), known::called(scope));
            tell.at(
                known::whole(see, test.span),
                said!("{shown} is tested by HAVING, after the groups are made.", "{shown} 的条件写在 HAVING 里，要等分组之后才判断。"),
                said!("All rows of {table} are read and grouped first, to be thrown away then; no index is used for it.", "{table} 的所有行都要先读取、分组，然后再丢弃；也用不上索引。"),
                Said::fixed("Put the condition into the WHERE.", "请把条件放到 WHERE 里。"),
            );
        }
    }
}
