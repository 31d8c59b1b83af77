use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use crate::catalogue::explicit_timestamps;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("timestamp-changes-by-itself", Level::Warning, include_str!("timestamp_changes_by_itself.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let old = !explicit_timestamps(see.settings.flavour);
    let Some(found) = together(&see.statement.shape, |new| old
            && new.column.column_type.kind == TypeKind::Timestamp
            && (new.column.null.is_none() || !new.column.nullable)
            && new.column.default.is_none()
            && new.column.on_update.is_none()
            && new.column.generated.is_none()) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("{columns} of {table}: the first TIMESTAMP without a default is set to the current time by every UPDATE.", "{table} 的 {columns}：第一个没写默认值的 TIMESTAMP，每次 UPDATE 都会被改成当前时间。"),
        said!("Where explicit_defaults_for_timestamp is off, as it is by default on this version, the server adds DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP; a time of creation in {table} would move with each change of a row.", "这个版本默认关闭 explicit_defaults_for_timestamp，服务器会自动加上 DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP；{table} 里的“创建时间”会随着每次修改而变。"),
        said!("Write what is meant: DEFAULT CURRENT_TIMESTAMP, with or without ON UPDATE CURRENT_TIMESTAMP; or NULL.", "请写明意图：DEFAULT CURRENT_TIMESTAMP，要不要 ON UPDATE CURRENT_TIMESTAMP；或者 NULL。"),
    );
}
