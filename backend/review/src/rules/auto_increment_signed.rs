use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use super::definitions::How;
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("auto-increment-signed", Level::Notice, include_str!("auto_increment_signed.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.column.auto_increment.is_some() && new.column.column_type.kind.is_integer() && !new.column.column_type.unsigned && (new.how != How::Changed)) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("{columns} of {table} counts by itself and is signed.", "{table} 的自增列 {columns} 是有符号的。"),
        said!("The negative half is never used: an INT ends at 2,147,483,647 instead of twice as much.", "负数那一半永远用不上：INT 到 2,147,483,647 就满了，无符号能用到两倍。"),
        said!("Write BIGINT UNSIGNED; columns of other tables that refer to it need the same type.", "请用 BIGINT UNSIGNED；其他表里引用它的列也要用同样的类型。"),
    );
}
