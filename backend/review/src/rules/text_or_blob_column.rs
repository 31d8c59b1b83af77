use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use super::definitions::is_lob;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("text-or-blob-column", Level::Notice, include_str!("text_or_blob_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| is_lob(new.column.column_type.kind) && !matches!(new.column.column_type.kind, TypeKind::Json | TypeKind::Spatial) && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("TEXT or BLOB is the type of {columns} in {table}.", "{table} 的 {columns} 是 TEXT 或 BLOB。"),
        said!("Long values lie outside of the row: each SELECT * reads further pages, older servers sort them on disk, and a backup or copy of {table} grows with them.", "长内容存放在行外：每次 SELECT * 都要多读一些页，旧版本服务器要在磁盘上排序，{table} 的备份和复制也会随之变大。"),
        said!("If they are short, write VARCHAR; if long, keep them in a table of their own, or files in an object store.", "内容短就用 VARCHAR；内容长请放到单独的表里，文件请放对象存储。"),
    );
}
