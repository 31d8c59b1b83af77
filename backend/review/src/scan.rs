//! The smallest pieces of SQL, found on bytes: enough to know where a comment, a quoted text or a bracket begins and
//! ends. Every lexeme moves forward, so a pass over the text is linear.

/// What a lexeme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lexeme {
    /// Blanks and line ends.
    Space,
    /// `-- …`, `# …`, `/* … */`.
    Comment,
    /// `/*! … */` or `/*M! … */`: a comment that some servers run.
    Executable,
    /// A word or a number.
    Word,
    /// `` `name` ``.
    Name,
    /// `'text'` or `"text"`.
    Text,
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// Any other printable sign.
    Sign,
    /// A control character that has no place outside quotes.
    Control,
    /// A quote or comment that begins here and never ends.
    Unfinished,
}

/// A lexeme and where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// What.
    pub lexeme: Lexeme,
    /// One past its last byte.
    pub end: usize,
}

/// The lexeme that begins at byte `at`, or `None` at the end. `at` must be where the one before ended.
#[must_use]
pub fn next(text: &[u8], at: usize) -> Option<Found> {
    let rest = text.get(at..)?;
    let &first = rest.first()?;
    let (lexeme, length) = match first {
        b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => (Lexeme::Space, count(rest, is_space)),
        b'\'' | b'"' => quoted(rest, first, true, Lexeme::Text),
        b'`' => quoted(rest, first, false, Lexeme::Name),
        b'#' => (Lexeme::Comment, to_line_end(rest)),
        b'-' if is_dash_comment(rest) => (Lexeme::Comment, to_line_end(rest)),
        b'/' if rest.get(1) == Some(&b'*') => block_comment(rest),
        b'(' => (Lexeme::Open, 1),
        b')' => (Lexeme::Close, 1),
        b',' => (Lexeme::Comma, 1),
        b';' => (Lexeme::Semicolon, 1),
        _ if is_word(first) => (Lexeme::Word, count(rest, is_word)),
        _ if first < 0x20 || first == 0x7f => (Lexeme::Control, 1),
        _ => (Lexeme::Sign, 1),
    };
    Some(Found { lexeme, end: at + length })
}

/// Letters, digits, `_`, `$`, and every byte of a character beyond ASCII: so MySQL reads names.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn count(rest: &[u8], belongs: fn(u8) -> bool) -> usize {
    rest.iter().position(|&byte| !belongs(byte)).unwrap_or(rest.len())
}

fn to_line_end(rest: &[u8]) -> usize {
    rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
}

/// Two dashes begin a comment only before a blank, a control character or the end: `5--1` is arithmetic.
fn is_dash_comment(rest: &[u8]) -> bool {
    rest.get(1) == Some(&b'-') && rest.get(2).is_none_or(|&byte| byte <= b' ')
}

fn quoted(rest: &[u8], quote: u8, backslash: bool, lexeme: Lexeme) -> (Lexeme, usize) {
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        if byte == b'\\' && backslash {
            at += 2;
        } else if byte != quote {
            at += 1;
        } else if rest.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return (lexeme, at + 1);
        }
    }
    (Lexeme::Unfinished, rest.len())
}

fn block_comment(rest: &[u8]) -> (Lexeme, usize) {
    let executable = rest.get(2) == Some(&b'!') || rest.get(2..4).is_some_and(|sign| sign == b"M!");
    let lexeme = if executable { Lexeme::Executable } else { Lexeme::Comment };
    match rest.get(2..).and_then(|inside| inside.windows(2).position(|pair| pair == b"*/")) {
        Some(length) => (lexeme, length + 4),
        None => (Lexeme::Unfinished, rest.len()),
    }
}

/// The text with its executable comments opened: `/*!50100 x */` becomes `x`.
#[must_use]
pub fn unwrap(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    while let Some(found) = next(bytes, at) {
        let piece = text.get(at..found.end).unwrap_or_default();
        at = found.end;
        match piece.strip_prefix("/*").and_then(|rest| rest.strip_suffix("*/")) {
            Some(inside) if found.lexeme == Lexeme::Executable => {
                let inside = inside.trim_start_matches('M').trim_start_matches('!');
                out.push_str(inside.trim_start_matches(|letter: char| letter.is_ascii_digit()));
                out.push(' ');
            }
            _ => out.push_str(piece),
        }
    }
    out
}
