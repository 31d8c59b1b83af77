use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("table-without-comment", Level::Warning, include_str!("table_without_comment.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    let written = create.options.iter().any(|option| option.name == "comment" && !option.value.trim().is_empty());
    if written || create.temporary || create.like.is_some() {
        return;
    }
    let table = words::table(&create.table);
    tell.at(
        create.table.span(),
        said!("The new table {table} has no comment.", "新表 {table} 没有注释。"),
        said!(
            "Whoever meets {table} in a year, in a slow query or an incident, has to guess what it holds.",
            "一年后在慢查询或故障里遇到 {table} 的人，只能猜它存的是什么。",
        ),
        said!("Add after the last bracket: COMMENT='what a row of {table} is'.", "请在最后的括号后加上：COMMENT='{table} 的一行代表什么'。"),
    );
}
