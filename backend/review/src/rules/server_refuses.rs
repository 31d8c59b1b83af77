use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("server-refuses", Level::Error, include_str!("server_refuses.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let Some((number, sentence)) = see.refusal() else { return };
    // These have rules of their own, which say it in the asker's words.
    if tell.has_told(&["unknown-table", "unknown-column", "table-already-exists", "insert-value-count"]) {
        return;
    }
    let sentence = words::shown(sentence);
    let flavour = see.settings.flavour;
    tell.at(
        first_word(see.script.sql(), see.statement.span),
        said!("{flavour} would refuse this statement: {sentence} (error {number})", "{flavour} 会拒绝这条语句：{sentence}（错误 {number}）"),
        said!(
            "It would fail at once and change nothing; the statements after it would not run.",
            "它会立即失败，什么都不改；后面的语句也不会执行。",
        ),
        said!(
            "Mend what the server names, and ask for a review again.",
            "请按服务器的提示修改，然后重新评审。",
        ),
    );
}
