use super::{Rule, known};
use crate::{
    judge::{See, Tell},
    query::Operand,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("text-with-outer-blanks", Level::Notice, include_str!("text_with_outer_blanks.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for (scope, test) in known::tests(see) {
        let Some((column, Operand::Text(text, span))) = known::column_and_value(test) else { continue };
        if text.trim() == text || text.trim().is_empty() {
            continue;
        }
        let (shown, value) = (known::shown(see, scope, column), known::text(see, *span));
        tell.at(
            *span,
            said!("{value} begins or ends with a blank.", "{value} 的开头或结尾有空格。"),
            said!(
                "A leading blank makes it another text; a trailing one counts or not, by the collation of {shown} (PAD SPACE or NO PAD). Often it was only copied along.",
                "开头的空格会让它变成另一个文本；结尾的空格算不算，取决于 {shown} 的排序规则（PAD SPACE 或 NO PAD）。多半是复制时带进来的。",
            ),
            Said::fixed("Leave the blank out, unless it is meant.", "如果不是有意的，请去掉空格。"),
        );
    }
}
