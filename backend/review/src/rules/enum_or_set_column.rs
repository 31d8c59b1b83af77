use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("enum-or-set-column", Level::Warning, include_str!("enum_or_set_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| matches!(new.column.column_type.kind, TypeKind::Enum | TypeKind::Set | TypeKind::Bit) && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("ENUM, SET or BIT is the type of {columns} in {table}.", "{table} 的 {columns} 是 ENUM、SET 或 BIT。"),
        said!("An ENUM sorts and compares with numbers by its place in the list, not by its text; a new value needs an ALTER of {table} before the program may use it, and one in the middle copies the table. BIT comes out as raw bytes.", "ENUM 排序、与数字比较时用的是列表中的位置而不是文本；新增一个值要先 ALTER {table}，插在中间还要复制整张表。BIT 读出来是原始字节。"),
        said!("Write TINYINT UNSIGNED with a comment that names the values, or a short VARCHAR.", "请用 TINYINT UNSIGNED 并在注释里写明各个值，或者用较短的 VARCHAR。"),
    );
}
