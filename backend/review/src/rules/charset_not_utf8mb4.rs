use super::{Rule, names::table_options, words};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    shape::{Action, CreateTable, Shape, TableRef},
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("charset-not-utf8mb4", Level::Warning, include_str!("charset_not_utf8mb4.md"), check);

/// Collations that are in utf8 and utf8mb4 alike, without the character set before them.
const TWINS: [&str; 4] = ["general_ci", "unicode_ci", "unicode_520_ci", "bin"];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let options = table_options(&see.statement.shape);
    let mut charset_told = false;
    for (table, option) in options.iter().filter(|(_, option)| option.name == "charset") {
        charset_told |= look(see, tell, table, &option.value, option.span);
    }
    for (table, option) in options.iter().filter(|(_, option)| option.name == "collate") {
        if !charset_told && let Some(charset) = words::charset_of(&option.value) {
            look(see, tell, table, charset, option.span);
        }
    }
    if let Shape::AlterTable(alter) = &see.statement.shape {
        for op in &alter.ops {
            if let Action::Convert(charset, _) = &op.action {
                look(see, tell, &alter.table, &charset.text, op.span);
            }
        }
    }
}

fn look(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef, charset: &str, span: Span) -> bool {
    let allowed = &see.settings.limits.charsets;
    if charset.eq_ignore_ascii_case("default") || allowed.iter().any(|known| known.eq_ignore_ascii_case(charset)) {
        return false;
    }
    let (table, shown) = (words::table(table), words::shown(charset));
    let wanted = allowed.first().map_or("utf8mb4", String::as_str);
    let why = if is_utf8(charset) {
        said!(
            "{shown} in MySQL is not all of UTF-8: it has three bytes a character. An emoji or a rare Chinese character in {table} fails with error 1366, or is cut.",
            "MySQL 的 {shown} 不是完整的 UTF-8，每个字符最多三个字节。往 {table} 里写表情符号或生僻字会报 1366 错误，或者被截断。",
        )
    } else {
        said!(
            "Characters that {shown} does not know are refused or become `?` in {table}, and joins with tables in {wanted} can not use their indexes.",
            "{shown} 里没有的字符写入 {table} 会报错或变成 `?`，和 {wanted} 的表关联时还用不上索引。",
        )
    };
    let told = tell.at(
        span,
        said!("{table} would have the character set {shown}.", "{table} 将使用 {shown} 字符集。"),
        why,
        said!("Write CHARSET={wanted}.", "请写 CHARSET={wanted}。"),
    );
    if let Shape::CreateTable(create) = &see.statement.shape
        && wanted == "utf8mb4"
        && is_utf8(charset)
    {
        told.mend(mended(create).unwrap_or_default());
    }
    true
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf8") || charset.eq_ignore_ascii_case("utf8mb3")
}

/// The larger of the twins in place of the smaller, with its collation; `None` where that has no twin.
fn mended(create: &CreateTable) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    for option in &create.options {
        let value = option.value.to_ascii_lowercase();
        if option.name == "charset" && is_utf8(&value) {
            edits.push(Edit::replace(option.value_span, "utf8mb4"));
        } else if option.name == "collate"
            && let Some(("utf8" | "utf8mb3", kind)) = value.split_once('_')
        {
            let kind = TWINS.into_iter().find(|twin| *twin == kind)?;
            edits.push(Edit::replace(option.value_span, format!("utf8mb4_{kind}")));
        }
    }
    Some(edits)
}
