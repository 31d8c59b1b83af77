//! What the token scan sees in a statement before any parser does: what must be refused unread, and what would
//! overflow a parser's stack.

use crate::{scan::Lexeme, span::Span};

/// Brackets within brackets; the server's own parser goes further, people do not.
pub const MAX_DEPTH: usize = 48;
/// Operators in one chain (`a AND b AND c …`), over all brackets that are open. The parser builds a tree as deep.
pub const MAX_CHAIN: usize = 10_000;
/// Things between commas in one statement, rows of an INSERT apart: tables, columns, values of `IN`. The parser takes up to
/// three kilobytes for each. The server stops at 61 tables and 4,096 columns, and an enum at so many values.
pub const MAX_ITEMS: usize = 65_535;
/// A SELECT costs the parser's memory as much as so many such things.
const SELECT_WEIGHT: usize = 6;
/// A JOIN or UNION costs the parser's stack as much as so many operators.
const JOIN_WEIGHT: usize = 50;

/// Why a statement is not given to the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// A quote or comment never ends. Certain.
    Unfinished,
    /// A bracket closes that was not opened. Certain.
    Unopened,
    /// A bracket is never closed. Certain.
    Unclosed,
    /// A comment that some servers run.
    Executable,
    /// Punctuation that looks like ASCII and is not.
    FullWidth,
    /// A control character outside quotes.
    Control,
    /// Brackets too deep.
    TooDeep,
    /// A chain of operators too long.
    TooLong,
}

/// Watches the lexemes of one statement.
#[derive(Debug, Default)]
pub struct Watch {
    /// Operators since the last comma, for every bracket that is open.
    chains: Vec<usize>,
    opened: Vec<usize>,
    chain: usize,
    total: usize,
    items: Items,
    /// The first trouble, the certain ones before the others.
    trouble: Option<(Trouble, Span)>,
}

impl Watch {
    /// Takes the next lexeme.
    pub fn see(&mut self, text: &str, lexeme: Lexeme, span: Span) {
        match lexeme {
            Lexeme::Open => self.open(span),
            Lexeme::Close => self.close(span),
            Lexeme::Comma | Lexeme::Semicolon => {
                self.total -= self.chain;
                self.chain = 0;
                if lexeme == Lexeme::Comma {
                    self.items.comma(self.opened.len());
                    self.weigh(0, span);
                }
            }
            Lexeme::Sign if matches!(span.of(text), "." | "@") => {}
            Lexeme::Sign => self.weigh(1, span),
            Lexeme::Word => self.word(span, span.of(text)),
            Lexeme::Executable => self.tell(Trouble::Executable, span),
            Lexeme::Control => self.tell(Trouble::Control, span),
            Lexeme::Unfinished => self.tell(Trouble::Unfinished, span),
            Lexeme::Space | Lexeme::Comment | Lexeme::Name | Lexeme::Text => {}
        }
        self.items.last = Some(lexeme);
    }

    /// The statement ends: what was wrong with it. Leaves the watch ready for the next.
    pub fn end(&mut self) -> Option<(Trouble, Span)> {
        let unclosed = self.opened.first().map(|&at| (Trouble::Unclosed, Span::new(at, at + 1)));
        let trouble = match self.trouble.take() {
            Some(certain @ (Trouble::Unfinished | Trouble::Unopened, _)) => Some(certain),
            other => unclosed.or(other),
        };
        self.chains.clear();
        self.opened.clear();
        (self.chain, self.total) = (0, 0);
        self.items = Items::default();
        trouble
    }

    fn tell(&mut self, trouble: Trouble, span: Span) {
        let certain = matches!(trouble, Trouble::Unfinished | Trouble::Unopened);
        if self.trouble.is_none() || certain && !matches!(self.trouble, Some((Trouble::Unfinished, _))) {
            self.trouble = Some((trouble, span));
        }
    }

    fn open(&mut self, span: Span) {
        self.items.open(self.opened.len());
        self.chains.push(self.chain);
        self.opened.push(span.start);
        self.chain = 0;
        if self.opened.len() > MAX_DEPTH {
            self.tell(Trouble::TooDeep, span);
        }
    }

    fn close(&mut self, span: Span) {
        self.total -= self.chain;
        self.opened.pop();
        let outer = self.chains.pop();
        self.chain = outer.unwrap_or(0);
        if outer.is_none() {
            self.tell(Trouble::Unopened, span);
        }
    }

    fn word(&mut self, span: Span, word: &str) {
        self.items.word(word);
        if (2..=9).contains(&word.len()) {
            self.weigh(weight(word), span);
        }
        if !word.is_ascii() {
            let odd = word.char_indices().find(|&(_, letter)| is_look_alike(letter));
            if let Some((at, letter)) = odd {
                let start = span.start + at;
                self.tell(Trouble::FullWidth, Span::new(start, start + letter.len_utf8()));
            }
        }
    }

    fn weigh(&mut self, weight: usize, span: Span) {
        self.chain += weight;
        self.total += weight;
        if self.total > MAX_CHAIN || self.items.count > MAX_ITEMS {
            self.tell(Trouble::TooLong, span);
        }
    }
}

/// Counts things between commas. Rows that an INSERT writes out are many for good reason, and are read one by one.
#[derive(Debug, Default)]
struct Items {
    count: usize,
    last: Option<Lexeme>,
    /// `INSERT … VALUES` or `REPLACE … VALUES` goes on.
    writes_rows: bool,
    begins_to_write: bool,
    in_row: bool,
}

impl Items {
    fn word(&mut self, word: &str) {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if self.last.is_none() {
            self.begins_to_write = is("insert") || is("replace");
        } else if self.begins_to_write && (is("values") || is("value")) {
            self.writes_rows = true;
        } else if self.writes_rows && (is("select") || is("duplicate")) {
            (self.writes_rows, self.begins_to_write) = (false, false);
        }
        if is("select") {
            self.count += SELECT_WEIGHT;
        }
    }

    fn open(&mut self, depth: usize) {
        if depth == 0 {
            self.in_row = self.writes_rows;
        }
    }

    fn comma(&mut self, depth: usize) {
        let of_rows = if depth == 0 { self.last == Some(Lexeme::Close) } else { self.in_row };
        if !(of_rows && self.writes_rows) {
            self.count += 1;
        }
    }
}

fn weight(word: &str) -> usize {
    const ONE: [&str; 13] = [
        "and", "or", "xor", "div", "mod", "not", "is", "in", "like", "rlike", "regexp", "between", "collate",
    ];
    const MANY: [&str; 5] = ["join", "union", "except", "intersect", "minus"];
    if ONE.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        1
    } else if MANY.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        JOIN_WEIGHT
    } else {
        0
    }
}

/// Quotes, brackets, commas and blanks that an input method or a word processor puts in place of the ASCII ones.
/// The server takes them for letters of a name.
#[must_use]
pub fn is_look_alike(letter: char) -> bool {
    matches!(letter,
        '\u{00a0}' | '\u{00b4}' | '\u{2000}'..='\u{200f}' | '\u{2018}'..='\u{201f}' | '\u{2028}'..='\u{202f}'
        | '\u{2032}' | '\u{2033}' | '\u{2060}' | '\u{3000}'..='\u{3002}' | '\u{feff}'
        | '\u{ff02}' | '\u{ff07}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff1e}' | '\u{ff40}')
}
