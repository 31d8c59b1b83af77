use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("timestamp-column", Level::Notice, include_str!("timestamp_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.column.column_type.kind == TypeKind::Timestamp && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("TIMESTAMP, the type of {columns} in {table}, ends on 2038-01-19.", "{table} 的 {columns} 是 TIMESTAMP，只能到 2038-01-19。"),
        said!("Later times can not be written, such as the end of a long contract; and the value read depends on the session's time zone.", "更晚的时间写不进去，例如长期合同的到期日；而且读到的值取决于会话时区。"),
        said!("Write DATETIME, with times in UTC.", "请用 DATETIME，并统一存 UTC。"),
    );
}
