use super::{Rule, primary_key_columns::new_primary, words};
use crate::{
    judge::{See, Tell},
    types::TypeKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "primary-key-not-auto-increment",
    Level::Warning,
    include_str!("primary_key_not_auto_increment.md"),
    check,
)
.off()
.exclusive("primary-key-counting");

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(primary) = new_primary(see) else { return };
    let [column] = primary.columns.as_slice() else { return };
    if primary.parts != 1 || column.auto_increment || column.column_type.kind == TypeKind::Other {
        return;
    }
    let (table, name) = (words::table(primary.table), words::quoted(&column.name));
    tell.at(
        primary.span,
        said!("The primary key {name} of {table} does not count by itself.", "{table} 的主键 {name} 不是自增的。"),
        said!("By this site's rule rows come in the order of the key: INSERTs append to {table} and do not split its pages.", "按本环境的约定，新行按主键顺序追加，{table} 写入时不会分裂页。"),
        said!("Write {name} bigint unsigned NOT NULL AUTO_INCREMENT, or let a DBA allow numbers from elsewhere.", "请写 {name} bigint unsigned NOT NULL AUTO_INCREMENT；号码来自别处的，请 DBA 放行。"),
    );
}
