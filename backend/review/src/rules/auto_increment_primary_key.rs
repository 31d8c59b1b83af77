use super::{Rule, primary_key_columns::new_primary, words};
use crate::{
    judge::{See, Tell},
    types::TypeKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new(
    "auto-increment-primary-key",
    Level::Warning,
    include_str!("auto_increment_primary_key.md"),
    check,
)
.off()
.exclusive("primary-key-counting");

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(primary) = new_primary(see) else { return };
    let [column] = primary.columns.as_slice() else { return };
    if primary.parts != 1 || !column.auto_increment || column.column_type.kind == TypeKind::Other {
        return;
    }
    let (table, name) = (words::table(primary.table), words::quoted(&column.name));
    tell.at(
        primary.span,
        said!("The primary key {name} of {table} counts by itself.", "{table} 的主键 {name} 是自增的。"),
        said!("By this site's rule numbers come from a service, so that the rows of {table} can be split over servers without two of them getting one number.", "按本环境的约定，号码由发号服务分配，{table} 拆到多台服务器后也不会重号。"),
        said!("Leave AUTO_INCREMENT out and write the number with each row.", "请去掉 AUTO_INCREMENT，写入时带上号码。"),
    );
}
