//! Cuts a script into statements by byte ranges, as the `mysql` client does: quotes, comments and `DELIMITER` lines.

use crate::{
    scan::{self, Lexeme},
    span::Span,
    watch::{Trouble, Watch},
};

/// The longest delimiter that the `mysql` client takes.
const MAX_DELIMITER: usize = 15;

/// One statement of a script, with what stands around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The statement, without blanks and comments around it and without its delimiter. Empty in the last piece when
    /// the text ends after a delimiter.
    pub span: Span,
    /// With all that stands before it and its delimiter: the pieces' wholes, joined, are the text.
    pub whole: Span,
    /// What the token scan saw.
    pub trouble: Option<(Trouble, Span)>,
    /// Where the delimiter in force was written in a `DELIMITER` line; `None` for the semicolon.
    pub sign: Option<Span>,
}

impl Piece {
    /// Whether there is a statement in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.span.start == self.span.end
    }
}

/// All pieces of `text`, in order; they touch, and none overlaps.
#[must_use]
pub fn split(text: &str) -> Vec<Piece> {
    let splitter = Splitter {
        text,
        at: 0,
        whole_from: 0,
        first: None,
        last: 0,
        sign: None,
        watch: Watch::default(),
        pieces: Vec::new(),
    };
    splitter.run()
}

struct Splitter<'a> {
    text: &'a str,
    at: usize,
    whole_from: usize,
    /// Where the statement's first token begins, once there is one.
    first: Option<usize>,
    /// Where its last token ends.
    last: usize,
    /// Where the delimiter in force is written; `None` for the semicolon.
    sign: Option<Span>,
    watch: Watch,
    pieces: Vec<Piece>,
}

impl Splitter<'_> {
    fn run(mut self) -> Vec<Piece> {
        let bytes = self.text.as_bytes();
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        let mut at_line_start = true;
        loop {
            if at_line_start && self.first.is_none() {
                let line = line_at(bytes, self.at);
                if let Some(new) = delimiter_line(line) {
                    let new = Span::new(self.at + new.start, self.at + new.end);
                    self.sign = (new.of(self.text) != ";").then_some(new);
                    self.at += line.len();
                    continue;
                }
            }
            let delimiter = self.sign.map(|sign| sign.of(self.text).as_bytes());
            if let Some(sign) = delimiter
                && bytes.get(self.at..).is_some_and(|rest| rest.starts_with(sign))
            {
                self.at += sign.len();
                self.cut();
                continue;
            }
            let Some(found) = scan::next(bytes, self.at) else { break };
            let end = match delimiter {
                Some(sign) if found.lexeme == Lexeme::Word => until(bytes, self.at, found.end, sign),
                _ => found.end,
            };
            let span = Span::new(self.at, end);
            self.at = end;
            at_line_start = match found.lexeme {
                Lexeme::Space => span.of(self.text).contains('\n'),
                Lexeme::Comment => false,
                _ => self.take(found.lexeme, span, delimiter.is_none()),
            };
        }
        self.cut();
        self.pieces
    }

    /// Takes a token into the statement, or ends the statement. Answers "not at a line's start".
    fn take(&mut self, lexeme: Lexeme, span: Span, semicolon_ends: bool) -> bool {
        if lexeme == Lexeme::Semicolon && semicolon_ends {
            self.cut();
        } else {
            self.first.get_or_insert(span.start);
            self.last = span.end;
            self.watch.see(self.text, lexeme, span);
        }
        false
    }

    /// Ends the piece at the current place.
    fn cut(&mut self) {
        let trouble = self.watch.end();
        let whole = Span::new(self.whole_from, self.at);
        let span = match self.first.take() {
            Some(first) => Span::new(first, self.last),
            None => Span::new(self.at, self.at),
        };
        if whole.start < whole.end {
            self.pieces.push(Piece { span, whole, trouble, sign: self.sign });
        }
        self.whole_from = self.at;
    }
}

/// The end of a word that a delimiter cuts short: `END$$` with `DELIMITER $$`.
fn until(bytes: &[u8], start: usize, end: usize, sign: &[u8]) -> usize {
    let word = bytes.get(start..(end + sign.len() - 1).min(bytes.len())).unwrap_or_default();
    word.windows(sign.len())
        .skip(1)
        .position(|window| window == sign)
        .map_or(end, |at| (start + at + 1).min(end))
}

/// The line from `at` on, without its line end, if it may be a `DELIMITER` command; else nothing. A line is looked through
/// once, so the pass is linear.
fn line_at(bytes: &[u8], at: usize) -> &[u8] {
    let rest = bytes.get(at..).unwrap_or_default();
    let blanks = rest.iter().take_while(|&&byte| byte != b'\n' && byte.is_ascii_whitespace()).count();
    let word = rest.get(blanks..blanks + "delimiter".len()).unwrap_or_default();
    if !word.eq_ignore_ascii_case(b"delimiter") {
        return &[];
    }
    let length = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
    rest.get(..length).unwrap_or_default()
}

/// Where the new delimiter stands in the line, where it is a `DELIMITER` command.
fn delimiter_line(line: &[u8]) -> Option<Span> {
    let (word, rest) = line.trim_ascii_start().split_at_checked("delimiter".len())?;
    if !word.eq_ignore_ascii_case(b"delimiter") || !rest.first()?.is_ascii_whitespace() {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let sign = rest.split(u8::is_ascii_whitespace).next().filter(|sign| !sign.is_empty())?;
    let fits = sign.len() <= MAX_DELIMITER && !sign.contains(&b'\\') && std::str::from_utf8(sign).is_ok();
    let start = line.len() - rest.len();
    fits.then(|| Span::new(start, start + sign.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn statements(text: &str) -> Vec<&str> {
        split(text).iter().filter(|piece| !piece.is_empty()).map(|piece| piece.span.of(text)).collect()
    }

    #[test]
    fn a_delimiter_in_quotes_or_comments_cuts_nothing() {
        assert_eq!(
            statements("a 'x;y''z\\';' ; b \"q;\" -- c;\n; # d;\n /* e; */ `f;``` /* g */;;"),
            ["a 'x;y''z\\';'", "b \"q;\"", "`f;```"]
        );
    }

    #[test]
    fn two_dashes_without_a_blank_are_arithmetic() {
        assert_eq!(statements("select 5--1; select 2"), ["select 5--1", "select 2"]);
    }

    #[test]
    fn delimiter_lines_change_the_delimiter_and_are_no_statements() {
        let text = "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END$$\n delimiter ;\nSELECT 2;";
        assert_eq!(statements(text), ["CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 2"]);
        assert_eq!(statements("delimiter //\nselect 1 // select 2\n//"), ["select 1", "select 2"]);
        assert_eq!(statements("select delimiter\n; select 2"), ["select delimiter", "select 2"]);
        let long = format!("delimiter $$ {} drop table t $$\nselect 1;$$", "订".repeat(200));
        assert_eq!(statements(&long), ["select 1;"], "the whole line is the command, however long");
    }

    #[test]
    fn an_executable_comment_belongs_to_the_statement() {
        assert_eq!(statements("/* a */ /*!50000 drop table t */; b"), ["/*!50000 drop table t */", "b"]);
    }

    #[test]
    fn a_quote_that_never_ends_swallows_the_rest_and_is_told() {
        let pieces = split("select 1; select 'abc; select 3");
        assert_eq!(pieces.len(), 2);
        assert_eq!(
            pieces.last().map(|piece| piece.trouble),
            Some(Some((Trouble::Unfinished, Span::new(17, 31))))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn pieces_joined_are_the_text_and_statements_lie_inside(
            parts in prop::collection::vec(prop_oneof![
                Just(";".to_owned()), Just("'".to_owned()), Just("\"".to_owned()), Just("`".to_owned()),
                Just("\\".to_owned()), Just("\n".to_owned()), Just("-- ".to_owned()), Just("/*".to_owned()),
                Just("*/".to_owned()), Just("/*!".to_owned()), Just("#".to_owned()), Just("(".to_owned()),
                Just(")".to_owned()), Just("\ndelimiter ".to_owned()), Just("$$".to_owned()), Just("订".to_owned()),
                Just("“".to_owned()), Just("\0".to_owned()), Just("\u{feff}".to_owned()), "\\PC{0,4}", "[a-z ]{0,6}",
            ], 0..40)
        ) {
            let text = parts.concat();
            let pieces = split(&text);
            let joined: String = pieces.iter().map(|piece| piece.whole.of(&text)).collect();
            prop_assert_eq!(&joined, &text);
            for piece in &pieces {
                prop_assert!(piece.whole.holds(piece.span), "{piece:?}");
                prop_assert!(text.is_char_boundary(piece.span.start) && text.is_char_boundary(piece.span.end));
                if let Some((_, span)) = piece.trouble {
                    prop_assert!(piece.span.holds(span), "{piece:?}");
                    prop_assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end));
                }
            }
        }
    }
}
