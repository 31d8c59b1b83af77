//! The whole of a place: names and values know their own bytes only, not the brackets and dots around them. Only a
//! finding asks, so that reading stays cheap.

use crate::{
    scan::{self, Lexeme},
    span::Span,
};

/// A piece of a statement that is neither a blank nor a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub lexeme: Lexeme,
    /// Where.
    pub span: Span,
}

/// The pieces of the text at `span`, which must not begin inside quotes.
#[must_use]
pub fn pieces(sql: &str, span: Span) -> Vec<Piece> {
    let text = sql.get(..span.end).unwrap_or(sql).as_bytes();
    let (mut at, mut all) = (span.start, Vec::new());
    while let Some(found) = scan::next(text, at) {
        if !matches!(found.lexeme, Lexeme::Space | Lexeme::Comment) {
            all.push(Piece { lexeme: found.lexeme, span: Span::new(at, found.end) });
        }
        at = found.end;
    }
    all
}

/// `span` with what belongs to it: the brackets that it opens or closes, those of a call, the table before a dot.
#[must_use]
pub fn whole(sql: &str, statement: Span, span: Span) -> Span {
    let pieces = pieces(sql, statement);
    let first = pieces.iter().position(|piece| piece.span.end > span.start);
    let last = pieces.iter().rposition(|piece| piece.span.start < span.end);
    let (Some(mut first), Some(mut last)) = (first, last) else { return span };
    if last < first {
        return span;
    }
    let lexeme = |at: usize| pieces.get(at).map(|piece| piece.lexeme);
    let is_dot = |at: usize| pieces.get(at).is_some_and(|piece| piece.span.of(sql) == ".");
    while first >= 2 && is_dot(first - 1) && matches!(lexeme(first - 2), Some(Lexeme::Word | Lexeme::Name)) {
        first -= 2;
    }
    if lexeme(last) == Some(Lexeme::Word) && lexeme(last + 1) == Some(Lexeme::Open) {
        last += 1;
    }
    let (unopened, mut open) = balance(pieces.get(first..=last).unwrap_or_default());
    while open > 0 && last + 1 < pieces.len() {
        last += 1;
        match lexeme(last) {
            Some(Lexeme::Open) => open += 1,
            Some(Lexeme::Close) => open -= 1,
            _ => {}
        }
    }
    let mut missing = unopened;
    while missing > 0 && first > 0 {
        first -= 1;
        match lexeme(first) {
            Some(Lexeme::Close) => missing += 1,
            Some(Lexeme::Open) => missing -= 1,
            _ => {}
        }
    }
    match (pieces.get(first), pieces.get(last)) {
        (Some(first), Some(last)) => Span::new(first.span.start, last.span.end),
        _ => span,
    }
}

/// How many brackets close without being opened, and how many stay open.
fn balance(pieces: &[Piece]) -> (usize, usize) {
    let (mut unopened, mut open) = (0, 0);
    for piece in pieces {
        match piece.lexeme {
            Lexeme::Open => open += 1,
            Lexeme::Close if open > 0 => open -= 1,
            Lexeme::Close => unopened += 1,
            _ => {}
        }
    }
    (unopened, open)
}

/// Where these words stand one after another, outside brackets that open in `within`.
#[must_use]
pub fn words(sql: &str, within: Span, wanted: &[&str]) -> Option<Span> {
    let pieces = pieces(sql, within);
    let mut depth = 0_usize;
    for (at, piece) in pieces.iter().enumerate() {
        match piece.lexeme {
            Lexeme::Open => depth += 1,
            Lexeme::Close => depth = depth.saturating_sub(1),
            Lexeme::Word if depth == 0 => {
                let here = pieces.get(at..at + wanted.len()).unwrap_or_default();
                let same = here.len() == wanted.len()
                    && here
                        .iter()
                        .zip(wanted)
                        .all(|(piece, word)| piece.span.of(sql).eq_ignore_ascii_case(word));
                if let (true, Some(last)) = (same, here.last()) {
                    return Some(piece.span.to(last.span));
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widened(sql: &str, inside: &str) -> String {
        let start = sql.find(inside).expect("a part of it");
        let all = Span::new(0, sql.len());
        whole(sql, all, Span::new(start, start + inside.len())).of(sql).to_owned()
    }

    #[test]
    fn brackets_calls_and_dots_belong_to_a_place() {
        assert_eq!(widened("SELECT (a + 1) = 5", "a + 1) = 5"), "(a + 1) = 5");
        assert_eq!(widened("WHERE f(x, g(y)) = 1", "f(x, g(y"), "f(x, g(y))");
        assert_eq!(widened("WHERE a = NOW()", "a = NOW"), "a = NOW()");
        assert_eq!(widened("WHERE `db`.t.id = 1", "id = 1"), "`db`.t.id = 1");
        assert_eq!(widened("WHERE a = ')' AND b", "a = ')'"), "a = ')'");
    }
}
