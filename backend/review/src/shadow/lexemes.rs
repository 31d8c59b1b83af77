//! The words and signs of a statement without blanks and comments, with the places of names before a dot.

use crate::{
    scan::{self, Lexeme},
    span::Span,
};

/// A word, name, text or sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What.
    pub lexeme: Lexeme,
    /// As written.
    pub text: &'a str,
    /// Where in the whole text.
    pub span: Span,
    /// Brackets open around it.
    pub depth: usize,
}

impl Piece<'_> {
    /// Whether it is this word (written in lower case here), without quotes.
    pub fn is(&self, word: &str) -> bool {
        self.lexeme == Lexeme::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is one of these words.
    pub fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether it is this sign.
    pub fn is_sign(&self, sign: &str) -> bool {
        self.lexeme == Lexeme::Sign && self.text == sign
    }

    /// The name, if it may be one, without its quotes.
    pub fn name(&self) -> Option<String> {
        match self.lexeme {
            Lexeme::Word => Some(self.text.to_owned()),
            Lexeme::Name => {
                let inside = self.text.strip_prefix('`')?.strip_suffix('`')?;
                Some(inside.replace("``", "`"))
            }
            _ => None,
        }
    }
}

/// The pieces of the statement at `span`. `None` where something in it is not to be sent anywhere: an executable comment, a
/// control character, a second statement.
pub fn pieces(text: &str, span: Span) -> Option<Vec<Piece<'_>>> {
    let statement = span.of(text);
    let (bytes, mut at, mut depth) = (statement.as_bytes(), 0, 0_usize);
    let mut all = Vec::new();
    while let Some(found) = scan::next(bytes, at) {
        let place = Span::new(span.start + at, span.start + found.end);
        let piece = statement.get(at..found.end)?;
        at = found.end;
        match found.lexeme {
            Lexeme::Space | Lexeme::Comment => continue,
            Lexeme::Executable | Lexeme::Control | Lexeme::Semicolon | Lexeme::Unfinished => return None,
            Lexeme::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        all.push(Piece { lexeme: found.lexeme, text: piece, span: place, depth });
        depth += usize::from(found.lexeme == Lexeme::Open);
    }
    Some(all)
}

/// Names with dots between them: `a.b`, `a.b.c`. A number's dot makes none.
pub fn chains<'a>(pieces: &'a [Piece<'a>]) -> Vec<Chain<'a>> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(rest) = pieces.get(at..) {
        if rest.is_empty() {
            break;
        }
        let length = chain_length(rest);
        if length >= 3 && !rest.first().is_some_and(is_number) {
            let before = at.checked_sub(1).and_then(|before| pieces.get(before));
            let after = pieces.get(at + length);
            let names = rest.iter().take(length).step_by(2).collect();
            all.push(Chain { names, before, after });
        }
        at += length.max(1);
    }
    all
}

/// Names between dots, and what stands around them.
#[derive(Debug)]
pub struct Chain<'a> {
    /// The names; the last may be `*`.
    pub names: Vec<&'a Piece<'a>>,
    /// The piece before.
    pub before: Option<&'a Piece<'a>>,
    /// The piece after.
    pub after: Option<&'a Piece<'a>>,
}

fn chain_length(rest: &[Piece<'_>]) -> usize {
    let mut length = usize::from(rest.first().is_some_and(|piece| piece.name().is_some()));
    while length > 0
        && rest.get(length).is_some_and(|piece| piece.is_sign("."))
        && rest.get(length + 1).is_some_and(|piece| piece.name().is_some() || piece.is_sign("*"))
    {
        length += 2;
    }
    length
}

fn is_number(piece: &Piece<'_>) -> bool {
    piece.lexeme == Lexeme::Word && piece.text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_before_dots_are_found_with_their_places() {
        let text = "UPDATE shop . orders o SET o.a = 1.5, `sh``op`.t.`b` = 'x.y' -- c.d\n WHERE o.* > .5";
        let pieces = pieces(text, Span::new(0, text.len())).expect("pieces");
        let chains: Vec<Vec<&str>> = chains(&pieces)
            .iter()
            .map(|chain| chain.names.iter().map(|piece| piece.span.of(text)).collect())
            .collect();
        assert_eq!(
            chains,
            [vec!["shop", "orders"], vec!["o", "a"], vec!["`sh``op`", "t", "`b`"], vec!["o", "*"]]
        );
    }

    #[test]
    fn what_hides_a_second_statement_has_no_pieces() {
        for text in ["SELECT 1; DROP TABLE t", "SELECT /*!50000 1 */ 2", "SELECT 'a", "SELECT\u{1}1"] {
            assert_eq!(pieces(text, Span::new(0, text.len())), None, "{text}");
        }
    }
}
