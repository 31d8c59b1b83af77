use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    query::{Tested, Operand, Sign},
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("number-compared-with-text-column", Level::Warning, include_str!("number_compared_with_text_column.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let mut edits = Vec::new();
        let (column, span) = match &test.what {
            Tested::Compare(Operand::Column(column), sign, Operand::Number(digits, span))
            | Tested::Compare(Operand::Number(digits, span), sign, Operand::Column(column)) => {
                if matches!(sign, Sign::Equal) && digits.bytes().all(|digit| digit.is_ascii_digit()) {
                    edits.push(Edit::replace(*span, format!("'{digits}'")));
                }
                (column, *span)
            }
            Tested::InList(list) => match (&list.left, list.values.iter().find(|value| matches!(value, Operand::Number(..)))) {
                (Operand::Column(column), Some(value)) => (column, value.span()),
                _ => continue,
            },
            Tested::Between(Operand::Column(column), Operand::Number(_, span), _) => (column, *span),
            _ => continue,
        };
        let Some((_, table, known)) = known::column_of(see, scope, column) else { continue };
        if known::class(known) != known::Class::Text {
            continue;
        }
        let (shown, value, data_type) = (known::shown(see, scope, column), known::text(see, span), &known.data_type);
        let by_index = known::leads_an_index(table, &known.name);
        let (en, zh) = if by_index { (" Its index is not used.", "而且用不上它的索引。") } else { ("", "") };
        let told = tell.leveled(
            known::by_harm(see),
            known::whole(see, test.span),
            said!("{shown} is {data_type}, but is compared with the number {value}.", "{shown} 的类型是 {data_type}，却和数字 {value} 比较。"),
            said!(
                "The server makes a number of every {shown} first: '{value}abc' and '0{value}' match too, and with 0 every text that begins with a letter.{en}",
                "服务器会先把每一行的 {shown} 转成数字：'{value}abc'、'0{value}' 也会命中；和 0 比较时，凡是以字母开头的文本都会命中。{zh}",
            ),
            said!("Write the value as a text: '{value}'.", "请把值写成文本：'{value}'。"),
        );
        if !edits.is_empty() {
            told.mend(edits);
        }
    }
}
