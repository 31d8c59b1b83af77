use super::{Rule, lexemes};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    scan::Lexeme,
    span::Span,
    split,
};
use dbdesk_commands::{lang::Said, wire::review::Level};

pub const RULE: Rule = Rule::new("missing-semicolon", Level::Notice, include_str!("missing_semicolon.md"), check).off();

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    if see.statement.index + 1 != see.script.statements().len() {
        return;
    }
    // Only blanks and comments may follow: then the last statement has no end.
    let rest = Span::new(see.statement.span.end, sql.len());
    if lexemes::lexemes(sql, rest).next().is_some() {
        return;
    }
    let Some((lexeme, last)) = lexemes::lexemes(sql, see.statement.span).last() else { return };
    if matches!(lexeme, Lexeme::Semicolon | Lexeme::Unfinished) {
        return;
    }
    // After a `DELIMITER` line a `;` ends nothing.
    if split::split(sql).last().is_some_and(|piece| piece.sign.is_some()) {
        return;
    }
    tell.at(
        last,
        Said::fixed("The last statement does not end with `;`.", "最后一条语句没有以 `;` 结尾。"),
        Said::fixed(
            "Whoever appends a statement later makes one of the two, and a text that was cut off looks complete.",
            "以后有人在后面追加语句，两条会连成一条；文本如果被截断，也看不出来。",
        ),
        Said::fixed("End it with `;`.", "请在末尾加上 `;`。"),
    )
    .mend(vec![Edit::insert(last.end, ";")]);
}
