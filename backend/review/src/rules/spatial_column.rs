use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("spatial-column", Level::Warning, include_str!("spatial_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.column.column_type.kind == TypeKind::Spatial && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("A spatial type is that of {columns} in {table}.", "{table} 的 {columns} 是空间类型。"),
        said!("Few tools here can read or move such values, and MySQL and MariaDB differ in their functions and in the order of the axes.", "这里的多数工具读不了、搬不了这样的值；MySQL 与 MariaDB 的空间函数和坐标轴顺序也不一样。"),
        said!("For a place on the map two DECIMAL(9,6) columns are enough; talk to a DBA where areas are searched.", "只存一个地点，用两个 DECIMAL(9,6) 就够了；要按区域查询请先和 DBA 商量。"),
    );
}
