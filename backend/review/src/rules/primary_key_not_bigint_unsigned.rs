use super::{Rule, primary_key_columns::new_primary, words};
use crate::{
    judge::{See, Tell},
    types::TypeKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "primary-key-not-bigint-unsigned",
    Level::Warning,
    include_str!("primary_key_not_bigint_unsigned.md"),
    check,
)
.off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(primary) = new_primary(see) else { return };
    let [column] = primary.columns.as_slice() else { return };
    if primary.parts != 1 || column.column_type.kind == TypeKind::BigInt && column.column_type.unsigned {
        return;
    }
    let (table, name) = (words::table(primary.table), words::quoted(&column.name));
    tell.at(
        primary.span,
        said!("The primary key {name} of {table} is not BIGINT UNSIGNED.", "{table} 的主键 {name} 不是 BIGINT UNSIGNED。"),
        said!("By this site's rule all primary keys are of one type, so that {table} never runs out of numbers and columns that refer to {name} are compared without converting.", "按本环境的约定，主键统一用一种类型：{table} 不会把号码用完，引用 {name} 的列比较时也不需要转换。"),
        said!("Write {name} bigint unsigned NOT NULL AUTO_INCREMENT.", "请写 {name} bigint unsigned NOT NULL AUTO_INCREMENT。"),
    );
}
