use super::{Rule, words, known};
use crate::{
    judge::{See, Tell},
    query::Operand,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("order-by-constant", Level::Notice, include_str!("order_by_constant.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for scope in &see.statement.queries.scopes {
        for key in &scope.order {
            let table = known::called(scope);
            match &key.by {
                Operand::Number(digits, span) => {
                    tell.at(
                        *span,
                        said!("Rows of {table} are sorted by column number {digits}.", "{table} 的行按第 {digits} 列排序。"),
                        said!("Whoever changes the list of columns changes the order, unseen.", "以后改动列的顺序，排序就会悄悄改变。"),
                        Said::fixed("Name the column.", "请写列名。"),
                    );
                }
                Operand::Text(text, span) => {
                    let text = words::shown(text);
                    tell.leveled(
                        Level::Warning,
                        *span,
                        said!("Rows of {table} are sorted by the text '{text}', which is the same for all.", "{table} 的行按文本 '{text}' 排序，而它对每一行都一样。"),
                        Said::fixed("Nothing is sorted at all: quotes make a text, backticks a name.", "其实没有排序：引号表示文本，反引号才表示列名。"),
                        Said::fixed("Write the column without quotes, or in backticks.", "请去掉引号，或改用反引号。"),
                    );
                }
                _ => {}
            }
        }
    }
}
