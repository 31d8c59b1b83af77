use super::{Rule, words};
use crate::{
    judge::{See, Tell},
    refusal::{self, Explained},
    shadow::Answer,
};
use dbdesk_commands::{lang::said, wire::review::Level};

pub const RULE: Rule = Rule::new("server-refuses", Level::Error, include_str!("server_refuses.md"), check);

/// Rules that say of an error in the asker's words what the server says in its own.
const SAID_BY: [&str; 4] = ["unknown-table", "unknown-column", "table-already-exists", "insert-value-count"];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let tried = match see.facts.shadow.answers.get(&see.statement.index) {
        Some(Answer::Refused(number, sentence)) => Some((*number, sentence.as_str())),
        _ => None,
    };
    // What the review server says comes after the script's earlier statements, as it will be when it runs.
    let Some((number, sentence)) = tried.or_else(|| see.refusal()) else { return };
    if tell.has_told(&SAID_BY) || tell.has_told(said_by(number)) {
        return;
    }
    let server = see.facts.shadow.server.filter(|_| tried.is_some());
    let live = see.settings.flavour;
    // Of a server of another version nobody knows whether the live one would say the same.
    let level = if server.is_none_or(|server| server == live) { Level::Error } else { Level::NeedsDba };
    let flavour = server.unwrap_or(live);
    let shown = words::shown(sentence);
    let explained = refusal::explain(number, sentence, see.settings.database.as_deref()).unwrap_or_else(|| Explained {
        message: said!("{flavour} refuses it: {shown}", "{flavour} 拒绝执行：{shown}"),
        fix: said!("Mend what the server names, and ask for a review again.", "请按服务器的提示修改，然后重新评审。"),
    });
    let Explained { message, fix } = explained;
    let (en, zh) = (message.en, message.zh);
    let why = if tried.is_some() {
        said!(
            "It was tried on an empty copy of the tables with {flavour}, which refuses it ({number}: {shown}). It would fail at once; the statements after it would not run.",
            "已在一份空的表结构副本（{flavour}）上试运行，被拒绝（{number}：{shown}）。真正执行时会立即失败，后面的语句也不会执行。",
        )
    } else {
        said!(
            "{flavour} was asked and refuses it ({number}: {shown}). It would fail at once and change nothing; the statements after it would not run.",
            "已询问 {flavour}，被拒绝（{number}：{shown}）。真正执行时会立即失败，什么都不改；后面的语句也不会执行。",
        )
    };
    let place = refusal::place(see.script.sql(), see.statement, number, sentence);
    tell.leveled(level, place, said!("{en}", "{zh}"), why, fix);
}

/// Rules that tell what this error number tells.
fn said_by(number: u16) -> &'static [&'static str] {
    match number {
        1064 | 1149 => &["syntax-error", "syntax-of-another-server", "full-width-punctuation"],
        1060 | 1061 | 1110 => &["duplicate-name"],
        1072 | 1091 | 1176 => &["unknown-index"],
        1059 => &["name-too-long"],
        _ => &[],
    }
}
