use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use super::definitions::How;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-without-comment", Level::Notice, include_str!("column_without_comment.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.how != How::Changed && new.column.comment.as_ref().is_none_or(|comment| comment.value.trim().is_empty())) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("No comment stands at {columns} of {table}.", "{table} 的 {columns} 没有注释。"),
        said!("Who meets {table} in a year, in a report or a repair at night, can only guess what is in there, in which unit, and which values mean what.", "一年以后，写报表或半夜排障的人看到 {table}，只能猜这些列装的是什么、什么单位、哪个值代表什么。"),
        said!("Write COMMENT '…' behind the definition: what it is, its unit, the meaning of its values.", "请在每列后面写 COMMENT '…'：是什么、什么单位、各个值的含义。"),
    );
}
