use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    shape::Shape,
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule =
    Rule::new("auto-increment-start-value", Level::Warning, include_str!("auto_increment_start_value.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::CreateTable(create) = &see.statement.shape else { return };
    for option in create.options.iter().filter(|option| option.name == "auto_increment") {
        if matches!(option.value.as_str(), "0" | "1") {
            continue;
        }
        let (table, value) = (words::table(&create.table), words::shown(&option.value));
        tell.at(
            option.span,
            said!("The new table {table} would count from {value}.", "新表 {table} 的自增值将从 {value} 开始。"),
            said!(
                "This is the counter of another table, copied with its definition: {value} numbers of {table} are lost for nothing.",
                "这通常是从别的表的建表语句里复制来的计数：{table} 白白丢掉前 {value} 个编号。",
            ),
            Said::fixed("Leave AUTO_INCREMENT=… out; a new table counts from 1.", "请去掉 AUTO_INCREMENT=…，新表会从 1 开始。"),
        )
        .mend(vec![Edit::delete(with_comma(see.script.sql(), option.span))]);
    }
}

/// The option with the comma before it, or else the one after it, and the blanks before it.
fn with_comma(sql: &str, option: Span) -> Span {
    let before = sql.get(..option.start).unwrap_or_default();
    let start = before.trim_end().len();
    if before.trim_end().ends_with(',') {
        return Span::new(start - 1, option.end);
    }
    let after = sql.get(option.end..).unwrap_or_default();
    let gap = after.len() - after.trim_start().len();
    let end = if after.trim_start().starts_with(',') { option.end + gap + 1 } else { option.end };
    // Between a bracket or a value and the next option one blank must stay.
    Span::new(start, end)
}
