use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("json-column", Level::Notice, include_str!("json_column.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.column.column_type.kind == TypeKind::Json && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("JSON is the type of {columns} in {table}.", "{table} 的 {columns} 是 JSON。"),
        said!("What stands inside has no type and no index of its own, and each change writes the whole document.", "里面的内容没有类型，也没有自己的索引，每次修改都要重写整个文档。"),
        said!("Make columns of what is searched or changed often.", "经常查询或修改的内容请单独建列。"),
    );
}
