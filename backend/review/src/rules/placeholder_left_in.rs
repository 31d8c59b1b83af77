use super::{Rule, lexemes, words};
use crate::{
    judge::{See, Tell},
    scan::Lexeme,
    shape::{Obscure, Shape},
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("placeholder-left-in", Level::Error, include_str!("placeholder_left_in.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let text = see.statement.span.of(sql);
    let unread = matches!(see.statement.shape, Shape::NotAnalysable(Obscure::Unread, _));
    // A `#` begins a comment: what follows it is not even looked at, and the statement may be understood without it.
    if !unread && !text.contains("#{") {
        behind(see, tell);
        return;
    }
    let mut before: Option<(Lexeme, Span)> = None;
    for (lexeme, at) in lexemes::all(sql, see.statement.span) {
        let word = at.of(sql);
        let place = match lexeme {
            Lexeme::Comment if word.starts_with("#{") => {
                let length = word.find('}').map_or(2, |end| end + 1);
                Some(Span::new(at.start, at.start + length))
            }
            Lexeme::Sign if unread && matches!(word, "?") => Some(at),
            Lexeme::Sign if unread && word == "{" => before
                .filter(|(lexeme, sign)| *lexeme == Lexeme::Word && sign.of(sql).ends_with('$'))
                .map(|(_, sign)| Span::new(sign.end - 1, at.end)),
            Lexeme::Word if unread && !word.starts_with(|first: char| first.is_ascii_digit()) => before
                .filter(|(lexeme, sign)| *lexeme == Lexeme::Sign && sign.of(sql) == ":" && !is_cast(sql, *sign))
                .map(|(_, sign)| sign.to(at)),
            _ => None,
        };
        if let Some(place) = place {
            say(see, tell, place);
            return;
        }
        before = Some((lexeme, at));
    }
}

/// `::` is the cast of another database's SQL.
fn is_cast(sql: &str, colon: Span) -> bool {
    sql.get(..colon.start).is_some_and(|before| before.ends_with(':'))
}

/// A statement ends before the comment that follows it, even if somebody meant that to be a part.
fn behind(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let next = see.script.statements().get(see.statement.index + 1).map_or(sql.len(), |next| next.span.start);
    let rest = Span::new(see.statement.span.end, next);
    if !rest.of(sql).contains("#{") {
        return;
    }
    // Behind the `;` it is a comment like any other.
    let mut rest = lexemes::all(sql, rest).take_while(|(lexeme, _)| matches!(lexeme, Lexeme::Space | Lexeme::Comment));
    let Some((_, comment)) = rest.find(|(_, at)| at.of(sql).starts_with("#{")) else { return };
    if let Some((_, last)) = lexemes::lexemes(sql, see.statement.span).last() {
        say_of(tell, last, &placeholder(comment.of(sql)));
    }
}

/// `#{id}` of a comment that begins so.
fn placeholder(comment: &str) -> String {
    words::shown(comment.get(..comment.find('}').map_or(2, |end| end + 1)).unwrap_or_default())
}

fn say(see: &See<'_>, tell: &mut Tell<'_>, span: Span) {
    say_of(tell, span, &words::shown(span.of(see.script.sql())));
}

fn say_of(tell: &mut Tell<'_>, span: Span, shown: &str) {
    let why = if shown.starts_with('#') {
        Said::fixed(
            "`#` begins a comment: the server does not see the rest of the line, so that a condition may be missing.",
            "`#` 是注释的开头：服务器看不到这一行后面的内容，条件可能就这样丢了。",
        )
    } else {
        Said::fixed(
            "The server has no value for it: it refuses the statement, or takes it for something else.",
            "服务器不知道它的值：要么拒绝这条语句，要么当成别的东西。",
        )
    };
    tell.at(
        span,
        said!("`{shown}` is a placeholder of a program, not a value.", "`{shown}` 是程序里的占位符，不是值。"),
        why,
        Said::fixed("Write the value itself.", "请写上实际的值。"),
    );
}
