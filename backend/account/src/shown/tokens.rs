//! The words, names and texts of a line.

/// Most tokens of a line: an account with some thousand columns granted is still read.
const TOKENS: usize = 20_000;

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word or number without quotes, as it stands.
    Word(String),
    /// A name between backquotes, or between double quotes under `ANSI_QUOTES`.
    Name(String),
    /// A text between single quotes. It may be a hash, so what it says is not kept where it is not asked for.
    Text(String),
    /// One other character.
    Mark(char),
}

/// Takes a line apart; `None` where a quote is not closed or it is too long.
pub(super) fn tokens(line: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        if tokens.len() == TOKENS {
            return None;
        }
        match letter {
            letter if letter.is_whitespace() => {}
            '`' | '"' => tokens.push(Token::Name(quoted(&mut letters, letter, false)?)),
            '\'' => tokens.push(Token::Text(quoted(&mut letters, letter, true)?)),
            letter if is_of_word(letter) => {
                let mut word = String::from(letter);
                while let Some(letter) = letters.next_if(|letter| is_of_word(*letter)) {
                    word.push(letter);
                }
                tokens.push(Token::Word(word));
            }
            letter => tokens.push(Token::Mark(letter)),
        }
    }
    Some(tokens)
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

/// What stands up to the closing quote; a doubled one is one.
fn quoted(
    letters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    quote: char,
    has_escapes: bool,
) -> Option<String> {
    let mut text = String::new();
    loop {
        match letters.next()? {
            '\\' if has_escapes => text.push(letters.next()?),
            letter if letter == quote => match letters.next_if_eq(&quote) {
                Some(_) => text.push(quote),
                None => return Some(text),
            },
            letter => text.push(letter),
        }
    }
}

/// Walks along tokens.
pub(super) struct Walk<'a> {
    rest: &'a [Token],
}

impl<'a> Walk<'a> {
    pub(super) fn along(rest: &'a [Token]) -> Self {
        Self { rest }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [Token] {
        self.rest
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(super) fn peek(&self) -> Option<&'a Token> {
        self.rest.first()
    }

    /// Goes over these words if they are next.
    pub(super) fn words(&mut self, words: &str) -> bool {
        let mut rest = self.rest;
        for word in words.split(' ') {
            match rest.split_first() {
                Some((Token::Word(next), after)) if next.eq_ignore_ascii_case(word) => rest = after,
                _ => return false,
            }
        }
        self.rest = rest;
        true
    }

    /// Goes over this character if it is next.
    pub(super) fn mark(&mut self, mark: char) -> bool {
        let is_next = self.peek() == Some(&Token::Mark(mark));
        if is_next {
            self.rest = &self.rest[1..];
        }
        is_next
    }

    /// A name, quoted or not.
    pub(super) fn name(&mut self) -> Option<String> {
        match self.next()? {
            Token::Name(name) | Token::Text(name) | Token::Word(name) => Some(name.clone()),
            Token::Mark(_) => None,
        }
    }

    /// A number.
    pub(super) fn number(&mut self) -> Option<u32> {
        match self.next()? {
            Token::Word(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A user, and a host if there is one.
    pub(super) fn account(&mut self) -> Option<crate::name::AccountName> {
        let user = self.name()?;
        let host = if self.mark('@') { self.name()? } else { String::new() };
        Some(crate::name::AccountName { user, host })
    }
}
