use super::{Rule, words};
use crate::{
    facts::{Counted, Prepared},
    judge::{See, Tell},
    read::first_word,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule { id: "server-refuses", level: Level::Error, page: include_str!("server_refuses.md"), check };

/// Errors of a count that the statement itself would meet too: unknown database, column, table; ambiguous column.
const SAME_ERRORS: [u16; 5] = [1044, 1049, 1052, 1054, 1146];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let index = see.statement.index;
    let (number, sentence) = match (see.facts.syntax.get(&index), see.facts.counted.get(&index)) {
        (Some(Prepared::Refused(number, sentence)), _) => (number, sentence),
        // A server may say "read-only" of the statement before it looks at its columns; the count has looked.
        (_, Some(Counted::Failed(number, sentence))) if SAME_ERRORS.contains(number) => (number, sentence),
        _ => return,
    };
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
