//! sqlparser's tokens with byte offsets into the whole text as their places.

use super::object;
use crate::{
    scan::{self, Lexeme},
    span::Span,
};
use sqlparser::{
    dialect::MySqlDialect,
    tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace},
};

/// The tokens of the statement at `span`, without blanks and comments. `None` where the tokenizer fails, where a token
/// is none of MySQL's, or where quotes or comments are seen at other places than by the scan that cut the statement:
/// then one of the two misreads it.
pub fn tokens(text: &str, span: Span) -> Option<Vec<TokenWithSpan>> {
    let statement = span.of(text);
    let mut ruler = Ruler { rest: statement.char_indices(), at: 0, line: 1, column: 1, end: statement.len() };
    let mut quoted_ends = QuotedEnds { text: statement.as_bytes(), at: 0 };
    let mut agrees = true;
    let mut tokens: Vec<TokenWithSpan> = Vec::with_capacity(statement.len() / 5);
    let whole = Tokenizer::new(&MySqlDialect {}, statement)
        .with_unescape(false)
        .tokenize_with_location_into_buf_with_mapper(&mut tokens, |mut token| {
            let start = ruler.byte_of(token.span.start);
            let end = ruler.byte_of(token.span.end);
            // `0x1F` is a hexadecimal text for sqlparser, as `x'1F'` is.
            let bare = matches!(token.token, Token::HexStringLiteral(_))
                && !statement.get(..end).is_some_and(|text| text.ends_with('\''));
            if is_quoted(&token.token) && !bare {
                agrees &= quoted_ends.next() == Some(end);
            }
            // `||` is OR here, and binds like it, unless the session sets PIPES_AS_CONCAT.
            match token.token {
                Token::StringConcat => token.token = Token::make_keyword("OR"),
                Token::Overlap => token.token = Token::make_keyword("AND"),
                // sqlparser reads it for other dialects only. It binds closer than NOT; no rule tells the two apart.
                Token::Word(ref word) if word.quote_style.is_none() && is_bits(&word.value) => {
                    token.token = Token::SingleQuotedByteStringLiteral(word.value.clone());
                }
                Token::ExclamationMark => token.token = Token::make_keyword("NOT"),
                _ => {}
            }
            token.span.start = Location { line: 1, column: (span.start + start) as u64 };
            token.span.end = Location { line: 1, column: (span.start + end) as u64 };
            token
        });
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    agrees &= tokens.iter().all(|token| is_known(&token.token)) || object::has_body(&tokens);
    mend(&mut tokens);
    (whole.is_ok() && agrees && quoted_ends.next().is_none()).then(|| comma_joins(tokens))
}

/// Words that sqlparser takes for something else, or does not take at all: `a MOD b`, where it sees an alias; the `ON`
/// of `ON DUPLICATE KEY`, which it takes for the alias of a select's last column, and the `WITH` of `WITH CHECK OPTION`
/// (a `;` stands for these: it ends a query); and `LOCK IN SHARE MODE`, which is `FOR SHARE`.
fn mend(tokens: &mut [TokenWithSpan]) {
    for at in 1..tokens.len() {
        let Some([before, here, rest @ ..]) = tokens.get_mut(at - 1..) else { return };
        let next = rest.first().map(|token| &token.token);
        let then = |by: usize, word: &str| rest.get(by).is_some_and(|token| is_word(&token.token, word));
        let Token::Word(word) = &here.token else { continue };
        if word.quote_style.is_some() || !matches!(word.value.len(), 2..=4) {
            continue;
        }
        if is_word(&here.token, "mod") {
            let after_value = !matches!(before.token, Token::Word(ref word) if word.quote_style.is_none())
                && ends_value(&before.token);
            if after_value || next != Some(&Token::LParen) && ends_value(&before.token) {
                here.token = Token::Mod;
            }
        } else if is_word(&here.token, "on") && then(0, "duplicate") && then(1, "key") {
            here.token = Token::SemiColon;
        } else if is_word(&here.token, "with") {
            let by = usize::from(then(0, "cascaded") || then(0, "local"));
            if then(by, "check") && then(by + 1, "option") && rest.len() == by + 2 {
                here.token = Token::SemiColon;
            }
        } else if is_word(&here.token, "lock") && then(0, "in") && then(1, "share") && then(2, "mode") {
            here.token = Token::make_keyword("FOR");
            if let [share, others @ ..] = rest
                && let Some([one, two]) = others.get_mut(..2)
            {
                share.token = Token::make_keyword("SHARE");
                share.span.end = two.span.end;
                (one.token, two.token) =
                    (Token::Whitespace(Whitespace::Space), Token::Whitespace(Whitespace::Space));
            }
        }
    }
}

/// `JOIN (a, b)` as `JOIN (a CROSS JOIN b)`, which sqlparser reads.
fn comma_joins(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    // Of each open bracket whether it holds tables.
    let mut open: Vec<bool> = Vec::new();
    let mut commas = Vec::new();
    for (at, here) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| tokens.get(before)).map(|token| &token.token);
        match here.token {
            Token::LParen => {
                let inside =
                    open.last() == Some(&true) && matches!(before, Some(Token::LParen | Token::Comma));
                let of_tables = before.is_some_and(|before| {
                    ["join", "from", "straight_join", "update"].iter().any(|word| is_word(before, word))
                });
                let query = tokens.get(at + 1).is_some_and(|next| {
                    ["select", "with", "values", "table"].iter().any(|word| is_word(&next.token, word))
                });
                open.push((inside || of_tables) && !query);
            }
            Token::RParen => _ = open.pop(),
            Token::Comma if open.last() == Some(&true) => commas.push(at),
            _ => {}
        }
    }
    if commas.is_empty() {
        return tokens;
    }
    let mut commas = commas.into_iter().peekable();
    let mut out = Vec::with_capacity(tokens.len() * 2);
    for (at, token) in tokens.into_iter().enumerate() {
        if commas.next_if_eq(&at).is_some() {
            out.push(TokenWithSpan::new(Token::make_keyword("CROSS"), token.span));
            out.push(TokenWithSpan::new(Token::make_keyword("JOIN"), token.span));
        } else {
            out.push(token);
        }
    }
    out
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

fn ends_value(token: &Token) -> bool {
    matches!(
        token,
        Token::Word(_)
            | Token::Number(..)
            | Token::RParen
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
    )
}

/// The place of a token, or of a name in a syntax tree built from such tokens.
pub fn place(span: sqlparser::tokenizer::Span) -> Span {
    Span::new(span.start.column as usize, span.end.column as usize)
}

/// Whether MySQL has such a token. A `;` inside a statement (behind a `DELIMITER`) would make two of it.
fn is_known(token: &Token) -> bool {
    matches!(
        token,
        Token::Word(_)
            | Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::NationalStringLiteral(_)
            | Token::HexStringLiteral(_)
            | Token::SingleQuotedByteStringLiteral(_)
            | Token::Comma
            | Token::Eq
            | Token::Neq
            | Token::Lt
            | Token::Gt
            | Token::LtEq
            | Token::GtEq
            | Token::Spaceship
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::LParen
            | Token::RParen
            | Token::Period
            | Token::Assignment
            | Token::Ampersand
            | Token::Pipe
            | Token::Caret
            | Token::Tilde
            | Token::ExclamationMark
            | Token::DoubleExclamationMark
            | Token::ShiftLeft
            | Token::ShiftRight
            | Token::Arrow
            | Token::LongArrow
            | Token::AtSign
            | Token::AtAt
            | Token::LBrace
            | Token::RBrace
    )
}

/// `0b01`: to sqlparser it is a name that begins with a digit.
fn is_bits(word: &str) -> bool {
    word.strip_prefix("0b")
        .is_some_and(|bits| !bits.is_empty() && bits.bytes().all(|bit| matches!(bit, b'0' | b'1')))
}

fn is_quoted(token: &Token) -> bool {
    match token {
        Token::Word(word) => word.quote_style.is_some(),
        Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_))
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::NationalStringLiteral(_)
        | Token::HexStringLiteral(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_) => true,
        _ => false,
    }
}

/// Where quotes and comments end by our own scan.
struct QuotedEnds<'a> {
    text: &'a [u8],
    at: usize,
}

impl Iterator for QuotedEnds<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while let Some(found) = scan::next(self.text, self.at) {
            let end = found.end;
            self.at = end;
            if matches!(found.lexeme, Lexeme::Text | Lexeme::Name | Lexeme::Comment) {
                return Some(end);
            }
        }
        None
    }
}

/// Turns lines and columns into bytes; they must come in order.
struct Ruler<'a> {
    rest: std::str::CharIndices<'a>,
    at: usize,
    line: u64,
    column: u64,
    end: usize,
}

impl Ruler<'_> {
    fn byte_of(&mut self, place: Location) -> usize {
        while (self.line, self.column) < (place.line, place.column) {
            let Some((at, letter)) = self.rest.next() else { return self.end };
            self.at = at + letter.len_utf8();
            if letter == '\n' {
                (self.line, self.column) = (self.line + 1, 1);
            } else {
                self.column += 1;
            }
        }
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_knows_its_bytes() {
        let text = "; SELECT `订单`.名, 'a''b\n\\'', 0x1F, x'ab', N'c', \"d\" -- note\n FROM\r\n t # end\n/* 注 */ WHERE a||b && c";
        let span = Span::new(2, text.len());
        let tokens = tokens(text, span).expect("tokenizes");
        let words: Vec<&str> = tokens.iter().map(|token| place(token.span).of(text)).collect();
        assert_eq!(
            words,
            [
                "SELECT",
                "`订单`",
                ".",
                "名",
                ",",
                "'a''b\n\\''",
                ",",
                "0x1F",
                ",",
                "x'ab'",
                ",",
                "N'c'",
                ",",
                "\"d\"",
                "FROM",
                "t",
                "WHERE",
                "a",
                "||",
                "b",
                "&&",
                "c"
            ]
        );
    }

    #[test]
    fn where_the_tokenizer_reads_quotes_otherwise_than_the_scan_nothing_is_read() {
        // For sqlparser `$$` quotes a text in some dialects; whatever it does, the two must agree.
        for text in ["a $$ ' $$ ' b", "a q'[ ' ]' b", "a e'\\'' b", "a -- \u{a0} b\n'c'", "a --\u{1}'\n'"] {
            let span = Span::new(0, text.len());
            if let Some(tokens) = tokens(text, span) {
                for token in tokens {
                    assert!(span.holds(place(token.span)), "{text:?} {token:?}");
                }
            }
        }
    }
}
