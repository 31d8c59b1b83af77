use super::{Rule, definitions::together};
use crate::judge::{See, Tell};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("zerofill-column", Level::Notice, include_str!("zerofill_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(found) = together(&see.statement.shape, |new| new.column.column_type.zerofill) else { return };
    let table = &found.table;
    let columns = &found.columns;
    tell.at(
        found.span,
        said!("ZEROFILL stands at {columns} of {table}.", "{table} 的 {columns} 用了 ZEROFILL。"),
        said!("Only some clients show the zeros, the column becomes UNSIGNED without saying so, and MySQL has deprecated it since 8.0.17.", "只有部分客户端会显示补的零；列会悄悄变成 UNSIGNED；MySQL 8.0.17 起已弃用。"),
        said!("Write UNSIGNED and fill up with LPAD where it is shown; a number that begins with zeros is a text: CHAR.", "请写 UNSIGNED，显示时用 LPAD 补零；以零开头的编号其实是文本，请用 CHAR。"),
    );
}
