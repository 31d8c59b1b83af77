use super::{Rule, definitions::together};
use crate::{
    judge::{See, Tell},
    types::DefaultValue,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("zero-date-default", Level::Warning, include_str!("zero_date_default.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let is_zero = |value: &DefaultValue| matches!(value, DefaultValue::Text(text) if text.starts_with("0000-00-00"));
    let found = together(&see.statement.shape, |new| {
        new.column.default.as_ref().is_some_and(|default| is_zero(&default.value))
    });
    let Some(found) = found else { return };
    let (table, columns) = (found.table, found.columns);
    tell.at(
        found.span,
        said!("The default of {columns} of {table} is a date of zeros.", "{table} 的 {columns} 用全零日期作默认值。"),
        said!(
            "With the modes NO_ZERO_DATE and strict, which are usual in MySQL, the server refuses it (error 1067), and later every ALTER of {table} too; many drivers can not read such a value.",
            "在 MySQL 默认的 NO_ZERO_DATE 和严格模式下，服务器会拒绝（错误 1067），以后对 {table} 的每次 ALTER 也会失败；许多驱动也读不了这样的值。",
        ),
        said!(
            "Let {columns} be NULL for \"not known\", or write DEFAULT CURRENT_TIMESTAMP.",
            "用 NULL 表示“还不知道”，或者写 DEFAULT CURRENT_TIMESTAMP。",
        ),
    );
}
