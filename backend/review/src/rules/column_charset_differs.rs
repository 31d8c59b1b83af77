use super::{Rule, definitions::together};
use crate::{
    catalogue,
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-charset-differs", Level::Warning, include_str!("column_charset_differs.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let charset = charset_of_table(see);
    let Some(found) = together(&see.statement.shape, |new| new.column.column_type.kind.has_charset()
            && (new.column.charset.is_some() || new.column.collation.is_some())
            && charset.is_some()
            && new.column.column_type.charset.as_ref().is_some_and(|of| Some(of) != charset.as_ref())) else { return };
    let of = charset.as_deref().unwrap_or_default();
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("The character set of {columns} is not that of {table} ({of}).", "{table} 的 {columns} 与表的字符集（{of}）不同。"),
        said!("Comparing them with other columns converts each value, so that an index may not serve, and mixes of collations fail (error 1267).", "与其他列比较时要逐个转换，索引可能用不上；排序规则混用还会报错（错误 1267）。"),
        said!("Leave the character set out, so that the table's is taken.", "请去掉列上的字符集，沿用表的设置。"),
    );
}

/// The character set of the statement's table, where it is known.
fn charset_of_table(see: &See<'_>) -> Option<String> {
    match &see.statement.shape {
        Shape::CreateTable(create) => catalogue::charset_of_new(create),
        Shape::AlterTable(alter) => see.world.table(&alter.table)?.charset.clone(),
        _ => None,
    }
}
