use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    shape::Shape,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("insert-value-count", Level::Error, include_str!("insert_value_count.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let table = words::table(&insert.table);
    let known = see.world.table(&insert.table).filter(|table| !table.columns.is_empty() && !table.is_view);
    let (span, values, wanted) = match (insert.odd_row, &insert.columns, insert.values) {
        (Some((span, values)), Some(columns), _) => (span, values, columns.len()),
        (Some((span, values)), None, Some(first)) => (span, values, first),
        (None, None, Some(values)) if values > 0 => match known {
            Some(known) if known.columns.len() != values => (insert.table.span(), values, known.columns.len()),
            _ => return,
        },
        _ => return,
    };
    tell.at(
        span,
        said!("The number of values in this row is {values}, and should be {wanted}.", "这一行有 {values} 个值，应为 {wanted} 个。"),
        said!("The server refuses the whole statement; no row goes into {table}.", "服务器会拒绝整条语句，{table} 一行都不会写入。"),
        Said::fixed(
            "Count the values against the columns; a text with a comma needs quotes around all of it.",
            "请对照列名核对值的个数；带逗号的文本要整个放进引号里。",
        ),
    );
}
