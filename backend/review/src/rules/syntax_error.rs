use super::{Rule, words};
use crate::{
    facts::Prepared,
    judge::{See, Tell},
    read::first_word,
    server::place_of,
    shape::{Break, Shape},
    span::Span,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule =
    Rule::new(super::SYNTAX_ERROR, Level::Error, include_str!("syntax_error.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let text = see.script.sql();
    match (&see.statement.shape, see.facts.syntax.get(&see.statement.index)) {
        (Shape::Broken(Break::FullWidth, _), _) => {}
        (Shape::Broken(what, span), _) => {
            let shown = words::shown(span.of(text));
            let (message, fix) = broken(*what, &shown);
            tell.at(*span, message, nothing_runs(), fix);
        }
        (_, Some(Prepared::SyntaxError(sentence))) => {
            let span = place_of(text, see.statement.span, sentence)
                .unwrap_or_else(|| first_word(text, see.statement.span));
            if is_explained(see, tell, span) {
                return;
            }
            let shown = words::shown(span.of(text));
            let message = said!(
                "{flavour} does not understand the statement from `{shown}` on.",
                "{flavour} 从 `{shown}` 处开始无法理解这条语句。",
                flavour = see.settings.flavour,
            );
            let sentence = words::shown(sentence);
            let fix = said!(
                "Look just before this place: a missing comma, bracket or quote, a misspelt word, or a reserved word that needs backticks. The server said: {sentence}",
                "请看这个位置之前：是否漏了逗号、括号或引号，拼错了单词，或把保留字用作名称而没有加反引号。服务器原话：{sentence}",
            );
            tell.at(span, message, nothing_runs(), fix);
        }
        _ => {}
    }
}

/// Whether it is told already in plainer words: the server stopped at syntax that it lacks.
fn is_explained(see: &See<'_>, tell: &Tell<'_>, at: Span) -> bool {
    let told = tell.has_told(&["syntax-of-another-server", "syntax-of-another-version"]);
    told && tell.is_blocked() && see.lacking().any(|(used, _)| used.span.start <= at.end && at.start <= used.span.end)
}

fn broken(what: Break, shown: &str) -> (Said, Said) {
    match what {
        Break::Unfinished => (
            Said::fixed(
                "This quote or comment is opened and never closed.",
                "这里的引号或注释打开后没有关闭。",
            ),
            Said::fixed(
                "Close it where the text or the comment ends. A quote inside a text is written twice: 'it''s'.",
                "请在字符串或注释结束处补上关闭符号。字符串里的单引号要写两次：'it''s'。",
            ),
        ),
        Break::Unopened => (
            Said::fixed("This `)` closes a bracket that was never opened.", "这个 `)` 没有对应的左括号。"),
            Said::fixed("Remove it, or open the bracket where it should begin.", "请删掉它，或在应有的位置补上左括号。"),
        ),
        Break::Unclosed => (
            Said::fixed("This `(` is never closed.", "这个 `(` 没有对应的右括号。"),
            Said::fixed("Add the `)` where the list or condition ends.", "请在列表或条件结束处补上 `)`。"),
        ),
        Break::FirstWord | Break::FullWidth => (
            said!("No SQL statement begins with `{shown}`.", "没有以 `{shown}` 开头的 SQL 语句。"),
            Said::fixed(
                "Check the spelling of the first word, and that the `;` before it does not cut a statement in two.",
                "请检查第一个单词的拼写，以及前面的 `;` 是否把一条语句切成了两半。",
            ),
        ),
    }
}

fn nothing_runs() -> Said {
    Said::fixed(
        "The server would refuse the statement, and the statements after it would not run either.",
        "服务器会拒绝这条语句，它后面的语句也不会执行。",
    )
}
