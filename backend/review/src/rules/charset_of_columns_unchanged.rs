use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("charset-of-columns-unchanged", Level::Warning, include_str!("charset_of_columns_unchanged.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::AlterTable(alter) = &see.statement.shape else { return };
    if alter.ops.iter().any(|op| matches!(op.action, Action::Convert(..))) {
        return;
    }
    let option = alter.ops.iter().find_map(|op| match &op.action {
        Action::Option(option) if matches!(option.name.as_str(), "charset" | "collate") => Some(option),
        _ => None,
    });
    let Some(option) = option else { return };
    let (table, value) = (words::table(&alter.table), words::shown(&option.value));
    let charset = if option.name == "charset" { Some(value.as_str()) } else { words::charset_of(&option.value) };
    let charset = charset.unwrap_or("utf8mb4");
    tell.at(
        option.span,
        said!(
            "This changes only what new columns of {table} get; those that are there stay as they are.",
            "这只影响 {table} 以后新加的列，已有的列不变。",
        ),
        said!(
            "After it {table} says {value}, its columns do not: what did not fit before still does not, and texts of old and new columns are compared without indexes.",
            "执行之后，{table} 显示的是 {value}，各列却还是原来的：以前写不进去的字符仍然写不进去，新旧列比较时还用不上索引。",
        ),
        said!(
            "If the columns are meant: ALTER TABLE {table} CONVERT TO CHARACTER SET {charset}. That copies {table}; on a big table a DBA runs it.",
            "如果要改的是已有的列，请写 ALTER TABLE {table} CONVERT TO CHARACTER SET {charset}。它会复制整张 {table}，大表请由 DBA 执行。",
        ),
    );
}
