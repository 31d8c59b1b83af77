use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use super::definitions::How;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("nullable-column", Level::Notice, include_str!("nullable_column.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.how != How::Changed && new.column.nullable && new.column.key.is_none() && new.column.generated.is_none()) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("NULL is allowed in {columns} of {table}.", "{table} 的 {columns} 允许 NULL。"),
        said!("NULL is neither equal nor unequal to anything: conditions with = and NOT IN leave such rows out, and COUNT of the column does not count them.", "NULL 与任何值既不相等也不不等：= 和 NOT IN 条件会漏掉这些行，COUNT(列) 也不计它们。"),
        said!("Write NOT NULL with a DEFAULT, unless \"not known\" is a state of its own.", "除非“不知道”本身就是一种状态，否则请写 NOT NULL 和 DEFAULT。"),
    );
}
