use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::mend::Edit;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("column-with-utf8mb3", Level::Warning, include_str!("column_with_utf8mb3.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| matches!(new.column.charset.as_ref().map(|charset| &*charset.value), Some("utf8" | "utf8mb3"))
            || new.column.collation.as_ref().is_some_and(|collation| of_mb3(&collation.value).is_some())) else { return };
    let table = &found.table;
    let columns = &found.columns;
    let told = tell.at(
        found.span,
        said!("The character set of {columns} in {table} is utf8, which means utf8mb3.", "{table} 的 {columns} 用的是 utf8，也就是 utf8mb3。"),
        said!("It takes three bytes a character: emoji and rare Chinese characters can not be written (error 1366), and comparing with utf8mb4 columns converts, so that an index may not serve. MySQL has deprecated it.", "它每个字符最多三字节：表情符号和生僻汉字写不进去（错误 1366）；与 utf8mb4 的列比较时要转换，索引可能用不上。MySQL 已将其弃用。"),
        said!("Write utf8mb4.", "请用 utf8mb4。"),
    );
    let mut edits = Vec::new();
    for new in &found.all {
        if let Some(charset) = new.column.charset.as_ref().filter(|charset| charset.value.starts_with("utf8")) {
            edits.push(Edit::replace(charset.span, "CHARACTER SET utf8mb4".to_owned()));
        }
        if let Some(collation) = &new.column.collation
            && let Some(name) = of_mb3(&collation.value)
        {
            edits.push(Edit::replace(collation.span, format!("COLLATE {name}")));
        }
    }
    told.mend(edits);
}

/// The same collation of utf8mb4, where this is one of utf8mb3.
fn of_mb3(collation: &str) -> Option<String> {
    let rest = collation.strip_prefix("utf8mb3_").or_else(|| collation.strip_prefix("utf8_"))?;
    Some(format!("utf8mb4_{rest}"))
}
