use super::Rule;
use crate::{
    judge::{See, Tell},
    read::first_word,
    shadow::Answer,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule =
    Rule::new("needs-a-failing-statement", Level::Notice, include_str!("needs_a_failing_statement.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some(Answer::Behind(failed)) = see.facts.shadow.answers.get(&see.statement.index) else { return };
    let failed = failed + 1;
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!(
            "This statement is not checked further, because statement {failed} fails.",
            "第 {failed} 条语句会失败，因此这一条没有继续检查。",
        ),
        said!(
            "It works on a table that statement {failed} was to change; what the table is by then, nobody knows.",
            "它用到的表要由第 {failed} 条语句修改，无法确定那时表是什么样子。",
        ),
        said!("Mend statement {failed} first; then this one is checked as well.", "请先修改第 {failed} 条，这一条会随后一起检查。"),
    );
}
