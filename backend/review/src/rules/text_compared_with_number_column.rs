use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::{Tested, Operand},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("text-compared-with-number-column", Level::Warning, include_str!("text_compared_with_number_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let found = match &test.what {
            Tested::Compare(Operand::Column(column), _, Operand::Text(text, span))
            | Tested::Compare(Operand::Text(text, span), _, Operand::Column(column)) => Some((column, text, *span)),
            Tested::InList(list) => match &list.left {
                Operand::Column(column) => list.values.iter().find_map(|value| match value {
                    Operand::Text(text, span) if !is_number(text) => Some((column, text, *span)),
                    _ => None,
                }),
                _ => None,
            },
            _ => None,
        };
        let Some((column, text, span)) = found.filter(|(_, text, _)| !is_number(text)) else { continue };
        let Some((.., known)) = known::column_of(see, scope, column) else { continue };
        if known::class(known) != known::Class::Number {
            continue;
        }
        let (shown, value, data_type) = (known::shown(see, scope, column), known::text(see, span), &known.data_type);
        let digits = text.trim_start().bytes().take_while(u8::is_ascii_digit).count();
        let taken = if digits == 0 { "0" } else { text.trim_start().get(..digits).unwrap_or_default() };
        tell.leveled(
            known::by_harm(see),
            known::whole(see, test.span),
            said!("{shown} is {data_type}, but is compared with the text {value}.", "{shown} 的类型是 {data_type}，却和文本 {value} 比较。"),
            said!(
                "The text counts as {taken}: rows where {shown} is {taken} match, which nobody meant.",
                "这个文本会被当成 {taken}：{shown} 为 {taken} 的行会命中，这多半不是本意。",
            ),
            said!("Write the number that is meant, or name the column that holds the text.", "请写上真正想要的数字，或者换成存放文本的那一列。"),
        );
    }
}

/// Whether all of the text is a number.
fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.parse::<f64>().is_ok()
}
