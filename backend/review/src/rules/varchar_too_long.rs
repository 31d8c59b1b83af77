use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("varchar-too-long", Level::Warning, include_str!("varchar_too_long.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let most = see.settings.limits.varchar_chars;
    let Some(found) = together(&see.statement.shape, |new| new.column.column_type.kind == TypeKind::VarChar && new.column.column_type.length.is_some_and(|length| length > most) && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("VARCHAR of more than {most} characters is the type of {columns} in {table}.", "{table} 的 {columns} 是超过 {most} 个字符的 VARCHAR。"),
        said!("The bytes of all columns of a row may be 65,535 together, an index takes 3,072 of them, and sorting reserves the full length.", "一行所有列加起来最多 65,535 字节，索引最多取其中 3,072 字节，排序时按最大长度预留内存。"),
        said!("Write the length that the values need, or TEXT for long texts.", "请按实际需要写长度，长文本请用 TEXT。"),
    );
}
