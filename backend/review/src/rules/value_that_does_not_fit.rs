use super::{Rule, words, known};
use crate::{
    facts::Column,
    judge::{See, Tell},
    query::Values,
    shape::{Shape, TableRef},
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("value-that-does-not-fit", Level::NeedsDba, include_str!("value_that_does_not_fit.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Shape::Insert(insert) = &see.statement.shape else { return };
    let Some(table) = see.world.table(&insert.table).filter(|table| !table.is_view) else { return };
    for (at, values) in see.statement.queries.values.iter().enumerate() {
        let column = match &insert.columns {
            Some(columns) => columns.get(at).and_then(|name| table.column(&name.text)),
            None => table.columns.get(at),
        };
        if let Some(column) = column
            && let Some((span, reason)) = misfit(column, values)
        {
            say(see, tell, &insert.table, column, span, reason);
        }
    }
}

/// The value that a column can not take, and why.
#[expect(clippy::cast_precision_loss, reason = "near the end of a range the server has the last word")]
fn misfit(column: &Column, values: &Values) -> Option<(Span, Said)> {
    match known::class(column) {
        known::Class::Text => {
            let (most, (chars, span)) = (known::length(column)?, values.longest?);
            (chars as u64 > most).then(|| {
                (span, said!("the text has {chars} characters, the column takes {most}", "文本有 {chars} 个字符，而列最多 {most} 个"))
            })
        }
        known::Class::Number => {
            if let Some(span) = values.word {
                return Some((span, Said::fixed("it is a text, the column holds numbers", "它是文本，而列是数字类型")));
            }
            let range = known::range(column)?;
            let over = |(number, span): (i128, Span)| {
                let number = number as f64;
                (number > range.high.at || number < range.low.at).then_some(span)
            };
            let span = values.greatest.and_then(over).or_else(|| values.least.and_then(over))?;
            let data_type = &column.data_type;
            Some((span, said!("the number is beyond what {data_type} holds", "数值超出了 {data_type} 的范围")))
        }
        _ => None,
    }
}

fn say(see: &See<'_>, tell: &mut Tell<'_>, table: &TableRef, column: &Column, span: Span, reason: Said) {
    let shown = known::text(see, span);
    let (table, column) = (words::table(table), words::quoted(&column.name));
    let Said { en, zh } = reason;
    tell.at(
        span,
        said!("{shown} does not fit into {table}.{column}: {en}.", "{shown} 放不进 {table}.{column}：{zh}。"),
        said!(
            "In strict mode, the default, the whole statement fails; without it {table} gets another value than is written.",
            "在默认的严格模式下整条语句会失败；非严格模式下，{table} 里存的会是另一个值。",
        ),
        said!("Mend the value, or widen {column} first, in a ticket of its own.", "请修改这个值，或者先用单独的工单把 {column} 加宽。"),
    );
}
