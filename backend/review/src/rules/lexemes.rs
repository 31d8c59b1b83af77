//! A statement's text piece by piece, for rules that look at words instead of meaning.

use crate::{
    scan::{self, Lexeme},
    span::Span,
};

/// The lexemes in `span`, without blanks and comments; their places are in the whole text.
pub fn lexemes(text: &str, span: Span) -> impl Iterator<Item = (Lexeme, Span)> + '_ {
    all(text, span).filter(|(lexeme, _)| !matches!(lexeme, Lexeme::Space | Lexeme::Comment))
}

/// Every lexeme in `span`. It must begin outside quotes and comments.
pub fn all(text: &str, span: Span) -> impl Iterator<Item = (Lexeme, Span)> + '_ {
    let part = span.of(text).as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = scan::next(part, at)?;
        let place = Span::new(span.start + at, span.start + found.end);
        at = found.end;
        Some((found.lexeme, place))
    })
}
