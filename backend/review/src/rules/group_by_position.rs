use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Operand,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("group-by-position", Level::Notice, include_str!("group_by_position.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        for key in &scope.group {
            let Operand::Number(digits, span) = &key.by else { continue };
            let table = known::called(scope);
            tell.at(
                *span,
                said!("Rows of {table} are grouped by column number {digits}.", "{table} 的行按第 {digits} 列分组。"),
                said!("Whoever changes the list of columns changes the groups, unseen.", "以后改动列的顺序，分组就会悄悄改变。"),
                Said::fixed("Name the column.", "请写列名。"),
            );
        }
    }
}
