use super::{Rule, definitions::new_columns};
use crate::{
    judge::{See, Tell},
    types::TypeKind,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("auto-increment-not-int-or-bigint", Level::Warning, include_str!("auto_increment_not_int_or_bigint.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for new in new_columns(&see.statement.shape) {
        let of = &new.column.column_type;
        if new.column.auto_increment.is_none() || matches!(of.kind, TypeKind::Int | TypeKind::BigInt | TypeKind::Other) || tell.is_full() {
            continue;
        }
        let (table, column, shown) = (new.table(), new.name(), new.written_type(see));
        let (why, level) = match (of.kind.integer_bytes(), of.kind) {
            (Some(bytes), _) => {
                let bits = u32::from(bytes) * 8 - u32::from(!of.unsigned);
                let most = super::words::number((1_u64 << bits) - 1);
                let why = said!(
                    "{shown} ends at {most}: after so many rows (deleted ones count too) no INSERT into {table} succeeds.",
                    "{shown} 到 {most} 为止：写过这么多行之后（删掉的也算），{table} 就再也插入不了。",
                );
                (why, Level::Warning)
            }
            (None, TypeKind::Float | TypeKind::Double) if see.settings.flavour.is_mariadb() || !see.settings.flavour.at_least(8, 4) => {
                let why = said!(
                    "{shown} can not tell large numbers apart, and MySQL 8.4 refuses it.",
                    "{shown} 分不清较大的相邻整数，MySQL 8.4 起也不再允许。",
                );
                (why, Level::Warning)
            }
            _ => (said!("The server refuses the statement (error 1063).", "服务器会拒绝这条语句（错误 1063）。"), Level::Error),
        };
        tell.leveled(
            level,
            new.column.type_span,
            said!("{column} of {table} counts by itself as {shown}.", "{table} 的 {column} 是自增列，类型却是 {shown}。"),
            why,
            said!("Write {column} bigint unsigned NOT NULL AUTO_INCREMENT.", "请写 {column} bigint unsigned NOT NULL AUTO_INCREMENT。"),
        );
    }
}
