use super::{Rule, words, known};
use crate::{
    facts::Column,
    judge::{See, Tell},
    query::Operand,
    shape::Shape,
    span::Span,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("null-for-not-null-column", Level::NeedsDba, include_str!("null_for_not_null_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let queries = &see.statement.queries;
    if let Shape::Insert(insert) = &see.statement.shape
        && let Some(table) = see.world.table(&insert.table).filter(|table| !table.is_view)
    {
        for (at, values) in queries.values.iter().enumerate() {
            let column = match &insert.columns {
                Some(columns) => columns.get(at).and_then(|name| table.column(&name.text)),
                None => table.columns.get(at),
            };
            if let (Some(column), Some(span)) = (column.filter(|column| refuses_null(column)), values.null) {
                say(tell, &words::table(&insert.table), &column.name, span);
            }
        }
    }
    let (Shape::Update(_), Some(scope)) = (&see.statement.shape, queries.change()) else { return };
    for set in &queries.assigned {
        let Operand::Null(span) = set.value else { continue };
        let column = known::column_of(see, scope, &set.column);
        if let Some((source, _, column)) = column.filter(|(_, _, column)| refuses_null(column))
            && let Some(table) = &source.table
        {
            say(tell, &words::table(table), &column.name, span);
        }
    }
}

/// A column that counts by itself, and an old TIMESTAMP, make a value of NULL.
fn refuses_null(column: &Column) -> bool {
    !column.nullable && !column.has_default && known::type_word(column) != "timestamp"
}

fn say(tell: &mut Tell<'_>, table: &str, column: &str, span: Span) {
    let column = words::quoted(column);
    tell.at(
        span,
        said!("NULL is written into {table}.{column}, which is NOT NULL.", "向 NOT NULL 的列 {table}.{column} 写入了 NULL。"),
        said!(
            "The server refuses it in strict mode (error 1048), and the whole statement with it; else {column} gets 0 or an empty text unseen.",
            "严格模式下服务器会拒绝（错误 1048），整条语句失败；非严格模式下 {column} 会悄悄变成 0 或空字符串。",
        ),
        said!("Write a value for {column}.", "请给 {column} 写一个值。"),
    );
}
