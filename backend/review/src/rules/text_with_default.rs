use super::{
    Rule,
    definitions::{is_lob, new_columns},
};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    types::{DefaultValue, TypeKind},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("text-with-default", Level::Error, include_str!("text_with_default.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let flavour = see.settings.flavour;
    if flavour.is_mariadb() {
        return;
    }
    for new in new_columns(&see.statement.shape) {
        let Some(default) = &new.column.default else { continue };
        let literal = matches!(default.value, DefaultValue::Text(_) | DefaultValue::Bare(_));
        if !literal || !is_lob(new.column.column_type.kind) || tell.is_full() {
            continue;
        }
        let (table, column, of) = (new.table(), new.name(), new.written_type(see));
        let expressions = flavour.at_least(8, 0) && new.column.column_type.kind != TypeKind::Spatial;
        let literal = default.span.of(see.script.sql()).split_at_checked("DEFAULT".len()).unwrap_or_default().1.trim();
        let shown = super::words::shown(literal);
        let told = tell.at(
            default.span,
            said!(
                "{column} {of} of {table} can not have a literal as its default.",
                "{table} 的 {column} {of} 不能用字面值作默认值。",
            ),
            said!(
                "{flavour} refuses the statement (error 1101): a BLOB, TEXT, GEOMETRY or JSON column takes no literal default.",
                "{flavour} 会拒绝这条语句（错误 1101）：BLOB、TEXT、GEOMETRY、JSON 列不接受字面默认值。",
            ),
            if expressions {
                said!(
                    "Put it in brackets, which makes it an expression: DEFAULT ({shown}). Or let {column} be NULL.",
                    "加上括号，它就成了表达式：DEFAULT ({shown})。或者让 {column} 允许 NULL。",
                )
            } else {
                said!(
                    "Leave the DEFAULT out and let {column} be NULL, or let the application write the value.",
                    "请去掉 DEFAULT，让 {column} 允许 NULL，或者由应用写入这个值。",
                )
            },
        );
        if expressions {
            told.mend(vec![Edit::replace(default.span, format!("DEFAULT ({literal})"))]);
        }
    }
}
