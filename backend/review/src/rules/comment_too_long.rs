use super::{Rule, definitions::new_columns, names::new_keys, words};
use crate::{
    judge::{See, Tell},
    shape::{Action, Shape, TableOption},
    span::Span,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule = Rule::new("comment-too-long", Level::Error, include_str!("comment_too_long.md"), check);

/// Characters of a comment of a column or an index, and of a table.
const MOST: (usize, usize) = (1_024, 2_048);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let shape = &see.statement.shape;
    for new in new_columns(shape) {
        if let Some(comment) = &new.column.comment {
            one(tell, &new.name(), comment.value.chars().count(), MOST.0, comment.span);
        }
    }
    for key in new_keys(shape) {
        if let Some(comment) = &key.comment {
            let name = key.name.as_ref().map_or_else(String::new, |name| words::quoted(&name.text));
            one(tell, &name, comment.value.chars().count(), MOST.0, comment.span);
        }
    }
    let options: Vec<&TableOption> = match shape {
        Shape::CreateTable(create) => create.options.iter().collect(),
        Shape::AlterTable(alter) => alter
            .ops
            .iter()
            .filter_map(|op| if let Action::Option(option) = &op.action { Some(option) } else { None })
            .collect(),
        _ => Vec::new(),
    };
    for option in options.into_iter().filter(|option| option.name == "comment") {
        let table = crate::questions::changed_tables(shape).first().map_or_else(String::new, |table| words::table(table));
        one(tell, &table, option.value.chars().count(), MOST.1, option.span);
    }
}

fn one(tell: &mut Tell<'_>, name: &str, chars: usize, most: usize, span: Span) {
    if chars <= most || tell.is_full() {
        return;
    }
    tell.at(
        span,
        said!(
            "The comment of {name} has {chars} characters; {most} is the most.",
            "{name} 的注释有 {chars} 个字符，最多 {most} 个。",
        ),
        Said::fixed(
            "The server refuses the statement (error 1628, 1629 or 1688).",
            "服务器会拒绝这条语句（错误 1628、1629 或 1688）。",
        ),
        Said::fixed("Say it in a sentence, and link to the rest.", "请用一句话说明，其余内容放链接。"),
    );
}
