use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("char-too-long", Level::Warning, include_str!("char_too_long.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.char_chars;
    let Some(found) = together(&see.statement.shape, |new| matches!(new.column.column_type.kind, TypeKind::Char) && new.column.column_type.length.is_some_and(|length| length > most && length <= 255) && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("CHAR of more than {most} characters is the type of {columns} in {table}.", "{table} 的 {columns} 是超过 {most} 个字符的 CHAR。"),
        said!("A CHAR is filled up with blanks in each row of {table} and loses blanks at its end; in utf8mb4 it has no fixed length anyway.", "CHAR 在 {table} 的每一行都要补足空格，末尾的空格又会丢失；而在 utf8mb4 下它本来也不是定长。"),
        said!("Write VARCHAR with the same length.", "请改用同样长度的 VARCHAR。"),
    );
}
