use super::{Rule, words, known};
use crate::{
    place,
    judge::{See, Tell},
    mend::Edit,
    scan::Lexeme,
    span::Span,
};
use dbdesk_commands::{lang::{Said, said}, wire::review::Level};

pub const RULE: Rule = Rule::new("and-in-update-set", Level::NeedsDba, include_str!("and_in_update_set.md"), check);

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    for set in see.statement.queries.assigned.iter().filter(|set| set.joined_by_and) {
        let (sql, column) = (see.script.sql(), words::quoted(&set.column.column.text));
        let span = known::whole(see, set.span);
        let pieces = place::pieces(sql, span);
        let is = |at: usize, word: &str| pieces.get(at).is_some_and(|piece: &place::Piece| piece.span.of(sql).eq_ignore_ascii_case(word));
        let ands: Vec<usize> = (1..pieces.len()).filter(|&at| is(at, "and")).collect();
        // A value and then `AND` can mean nothing else; a bracket, BETWEEN or CASE might.
        let begins_with_value = pieces.first().is_some_and(|piece| piece.lexeme == Lexeme::Text || piece.span.of(sql).starts_with(|letter: char| letter.is_ascii_digit()));
        let plain = begins_with_value
            && ands.first() == Some(&1)
            && !pieces.iter().any(|piece| piece.lexeme == Lexeme::Open)
            && !(0..pieces.len()).any(|at| ["between", "case", "or", "not", "xor"].iter().any(|word| is(at, word)));
        let shown = words::shown(span.of(sql));
        let told = tell.at(
            span,
            said!("{column} is set to `{shown}`: AND joins conditions, not assignments.", "{column} 被设成了 `{shown}`：AND 连接的是条件，不是赋值。"),
            said!(
                "The server takes all after the first `=` for one condition: {column} becomes 0 or 1, and what stands behind the AND is not set at all.",
                "服务器会把第一个 `=` 之后的内容当成一个条件：{column} 会变成 0 或 1，AND 后面的列根本不会被修改。",
            ),
            Said::fixed("Put a comma between assignments: SET a = 1, b = 2.", "多个赋值之间请用逗号：SET a = 1, b = 2。"),
        );
        if plain {
            let edit = |&at: &usize| Some(Edit::replace(Span::new(pieces.get(at - 1)?.span.end, pieces.get(at)?.span.end), ","));
            told.mend(ands.iter().filter_map(edit).collect());
        }
    }
}
