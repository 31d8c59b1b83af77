//! The values of an `INSERT`, as written.

use dbdesk_review::scan::{self, Lexeme};

pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let found = scan::next(text.as_bytes(), at)?;
            let word = text.get(at..found.end)?;
            at = found.end;
            if found.lexeme == Lexeme::Word {
                return Some(word);
            }
        }
    })
}

/// The values of each row, as written: of `… VALUES (1, 'a'), (2, 'b') …`, or of `… SET a = 1, b = 'a' …`.
pub(crate) fn rows(text: &str, has_columns: bool) -> Option<Vec<Vec<&str>>> {
    let mut rows = Vec::new();
    let mut reader = Reader { text, at: 0 };
    // The columns, which stand in brackets.
    let mut is_set = false;
    loop {
        let (lexeme, piece) = reader.next()?;
        match lexeme {
            Lexeme::Word if piece.eq_ignore_ascii_case("values") || piece.eq_ignore_ascii_case("value") => {
                break;
            }
            Lexeme::Word if piece.eq_ignore_ascii_case("set") && has_columns => {
                is_set = true;
                break;
            }
            Lexeme::Open => reader.skip_brackets()?,
            _ => {}
        }
    }
    if is_set {
        return Some(vec![reader.assigned()?]);
    }
    loop {
        let (mut lexeme, piece) = reader.next()?;
        if lexeme == Lexeme::Word && piece.eq_ignore_ascii_case("row") {
            (lexeme, _) = reader.next()?;
        }
        if lexeme != Lexeme::Open {
            return None;
        }
        rows.push(reader.values()?);
        match reader.next() {
            Some((Lexeme::Comma, _)) => {}
            _ => return Some(rows),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next piece that is no blank and no comment.
    fn next(&mut self) -> Option<(Lexeme, &'a str)> {
        loop {
            let found = scan::next(self.text.as_bytes(), self.at)?;
            let piece = self.text.get(self.at..found.end)?;
            self.at = found.end;
            match found.lexeme {
                Lexeme::Space | Lexeme::Comment => {}
                Lexeme::Executable | Lexeme::Unfinished | Lexeme::Control => return None,
                lexeme => return Some((lexeme, piece)),
            }
        }
    }

    /// To after the bracket that closes the one just read.
    fn skip_brackets(&mut self) -> Option<()> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()?.0 {
                Lexeme::Open => depth += 1,
                Lexeme::Close => depth -= 1,
                _ => {}
            }
        }
        Some(())
    }

    /// `1, 'a')`
    fn values(&mut self) -> Option<Vec<&'a str>> {
        let mut values = Vec::new();
        loop {
            let start = self.at;
            let end = loop {
                let before = self.at;
                match self.next()?.0 {
                    Lexeme::Open => self.skip_brackets()?,
                    Lexeme::Comma => break (before, false),
                    Lexeme::Close => break (before, true),
                    _ => {}
                }
            };
            let value = bare(self.text.get(start..end.0)?);
            if !(value.is_empty() && values.is_empty() && end.1) {
                values.push(value);
            }
            if end.1 {
                return Some(values);
            }
        }
    }

    /// `a = 1, b = 'a'`, to the end or to `ON DUPLICATE`.
    fn assigned(&mut self) -> Option<Vec<&'a str>> {
        let mut values = Vec::new();
        loop {
            while self.next()?.1 != "=" {}
            let start = self.at;
            let (end, more) = loop {
                let before = self.at;
                match self.next() {
                    None => break (self.text.len(), false),
                    Some((Lexeme::Open, _)) => self.skip_brackets()?,
                    Some((Lexeme::Comma, _)) => break (before, true),
                    Some((Lexeme::Word, word)) if word.eq_ignore_ascii_case("on") => break (before, false),
                    Some(_) => {}
                }
            };
            values.push(bare(self.text.get(start..end)?));
            if !more {
                return Some(values);
            }
        }
    }
}

/// Without blanks and comments around.
fn bare(text: &str) -> &str {
    let (mut start, mut end, mut at) = (None, 0, 0);
    while let Some(found) = scan::next(text.as_bytes(), at) {
        if !matches!(found.lexeme, Lexeme::Space | Lexeme::Comment) {
            start.get_or_insert(at);
            end = found.end;
        }
        at = found.end;
    }
    text.get(start.unwrap_or_default()..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_as_written() {
        assert_eq!(
            rows(
                " (a, `b(`) VALUES ( 1 , 'a,)' /* x */), ROW(f(2, 3), NULL) ON DUPLICATE KEY UPDATE a = 1",
                true
            ),
            Some(vec![vec!["1", "'a,)'"], vec!["f(2, 3)", "NULL"]])
        );
        assert_eq!(rows(" VALUES (), ()", false), Some(vec![vec![], vec![]]));
        assert_eq!(rows(" SET a = 1, b = concat('x', 'y')", true), Some(vec![vec!["1", "concat('x', 'y')"]]));
        assert_eq!(rows(" SET a = (1 = 2) ON DUPLICATE KEY UPDATE a = 2", true), Some(vec![vec!["(1 = 2)"]]));
        assert_eq!(rows(" SELECT 1", false), None);
    }
}
