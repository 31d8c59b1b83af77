use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use super::definitions::{How, is_lob};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-without-default", Level::Notice, include_str!("column_without_default.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.how != How::Changed && !new.column.nullable && !new.column.has_default && new.column.key.is_none() && !is_lob(new.column.column_type.kind)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("NOT NULL without a DEFAULT: {columns} of {table}.", "{table} 的 {columns} 是 NOT NULL，但没有 DEFAULT。"),
        said!("An INSERT that does not name them fails (error 1364), so every program that writes to {table} has to know them all.", "没写这些列的 INSERT 会失败（错误 1364），所以写 {table} 的每个程序都得知道它们。"),
        said!("Add a DEFAULT where one value is the usual one.", "如果有一个常用值，请写成 DEFAULT。"),
    );
}
