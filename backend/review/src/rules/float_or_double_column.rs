use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use crate::types::TypeKind;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("float-or-double-column", Level::Warning, include_str!("float_or_double_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| matches!(new.column.column_type.kind, TypeKind::Float | TypeKind::Double) && new.is_new_kind(see)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("FLOAT or DOUBLE is the type of {columns} in {table}.", "{table} 的 {columns} 是 FLOAT 或 DOUBLE。"),
        said!("They keep 0.1 only nearly: sums of money drift, and WHERE with = does not find what was written.", "它们只能近似地存 0.1：金额累加会有误差，WHERE 里用 = 也找不到刚写进去的值。"),
        said!("Write DECIMAL, such as DECIMAL(18,2), for money and amounts; for measurements keep it as it is.", "金额、数量请用 DECIMAL，例如 DECIMAL(18,2)；测量值可以保持不变。"),
    );
}
