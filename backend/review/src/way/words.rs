//! The words of a piece of SQL, in lower case; what is quoted is one word that equals no other.

use crate::scan::{self, Lexeme};

/// What stands for a quoted name.
const NAME: &str = "`";
/// What stands for a text.
const TEXT: &str = "'";

/// The words and signs of a piece of SQL.
pub struct Words(Vec<String>);

impl Words {
    /// Of this piece.
    pub fn of(text: &str) -> Self {
        let (bytes, mut at, mut words) = (text.as_bytes(), 0, Vec::new());
        while let Some(found) = scan::next(bytes, at) {
            let piece = text.get(at..found.end).unwrap_or_default();
            at = found.end;
            match found.lexeme {
                Lexeme::Space | Lexeme::Comment | Lexeme::Executable => {}
                Lexeme::Name => words.push(NAME.to_owned()),
                Lexeme::Text => words.push(TEXT.to_owned()),
                _ => words.push(piece.to_ascii_lowercase()),
            }
        }
        Self(words)
    }

    /// The words themselves.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether this word stands among them.
    pub fn has(&self, word: &str) -> bool {
        self.all().any(|found| found == word)
    }

    /// Whether one of these stands among them.
    pub fn has_any(&self, words: &[&str]) -> bool {
        self.all().any(|found| words.contains(&found))
    }

    /// Whether these words follow each other somewhere.
    pub fn has_row(&self, row: &[&str]) -> bool {
        self.0.windows(row.len()).any(|window| window == row)
    }

    /// Whether it begins with these words.
    pub fn begins(&self, row: &[&str]) -> bool {
        self.0.get(..row.len()).is_some_and(|first| first == row)
    }

    /// Whether a column's place is written: `FIRST` at the end, or `AFTER` before the last word.
    pub fn is_placed(&self) -> bool {
        let mut back = self.0.iter().rev().map(String::as_str);
        back.next() == Some("first") || back.next() == Some("after")
    }

    /// The value behind a word and an optional `=`.
    pub fn value_of(&self, word: &str) -> Option<&str> {
        let mut after = self.all().skip_while(|found| *found != word).skip(1);
        after.find(|found| *found != "=")
    }
}
