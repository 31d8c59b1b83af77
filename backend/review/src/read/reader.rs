//! Reads tokens one by one: the ground of our own grammar of MySQL's DDL and DML. Expressions and queries are left to
//! sqlparser.

use super::{dialect::Grammar, tokens::place};
use crate::{
    feature::{Feature, Used},
    flavour::Family,
    query::Queries,
    shape::{Name, OnlyIn, TableRef},
    span::Span,
};
use sqlparser::{
    parser::{Parser, ParserError, ParserOptions},
    tokenizer::{Token, TokenWithSpan},
};

/// Where understanding stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread(pub Span);

/// What a reading step gives.
pub type Read<T> = Result<T, Unread>;

/// How deep sqlparser may nest; brackets are bounded by the scan before.
const RECURSION: usize = 200;

/// Where a reader was.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    index: usize,
    last: usize,
    only: usize,
    uses: usize,
}

/// Tokens and the place in them.
pub struct Reader<'a> {
    parser: Parser<'a>,
    /// The whole text that the tokens are of.
    pub text: &'a str,
    /// One past the statement's last byte.
    end: usize,
    /// Where the token before the current one ends.
    last: usize,
    /// Words that only one family knows.
    pub only: Vec<OnlyIn>,
    /// Syntax that not every server knows.
    pub uses: Vec<Used>,
    /// The queries read so far.
    pub queries: Queries,
}

impl<'a> Reader<'a> {
    /// At the first of `tokens`.
    pub fn new(text: &'a str, tokens: Vec<TokenWithSpan>, span: Span) -> Self {
        let json = tokens.iter().enumerate().filter_map(|(at, token)| {
            let feature = match token.token {
                Token::Arrow | Token::LongArrow => Feature::JsonArrow,
                Token::RParen if ends_cast_as_json(&tokens, at) => Feature::CastAsJson,
                _ => return None,
            };
            Some(Used { feature, span: place(token.span) })
        });
        let uses = json.collect();
        let parser = Parser::new(&Grammar)
            .with_options(ParserOptions::new().with_unescape(false))
            .with_recursion_limit(RECURSION)
            .with_tokens_with_locations(tokens);
        Self {
            parser,
            text,
            end: span.end,
            last: span.start,
            only: Vec::new(),
            uses,
            queries: Queries::default(),
        }
    }

    /// The place of the current token.
    pub fn here(&self) -> Span {
        match self.parser.peek_token_ref() {
            TokenWithSpan { token: Token::EOF, .. } => Span::new(self.last, self.end.max(self.last)),
            token => place(token.span),
        }
    }

    /// From `start` to the end of the token before the current one.
    pub fn since(&self, start: usize) -> Span {
        Span::new(start, self.last)
    }

    /// The current token is not understood.
    pub fn unread<T>(&self) -> Read<T> {
        Err(Unread(self.here()))
    }

    /// The current token.
    pub fn token(&self) -> &Token {
        &self.parser.peek_token_ref().token
    }

    /// The token after the current one, and so on.
    pub fn ahead(&self, by: usize) -> &Token {
        &self.parser.peek_nth_token_ref(by).token
    }

    /// Past the current token.
    pub fn step(&mut self) {
        self.last = self.here().end;
        self.parser.advance_token();
    }

    /// Whether no token is left.
    pub fn is_end(&self) -> bool {
        *self.token() == Token::EOF
    }

    /// Demands that no token is left.
    pub fn end(&self) -> Read<()> {
        if self.is_end() { Ok(()) } else { self.unread() }
    }

    /// Whether the current token is this word, unquoted.
    pub fn is(&self, word: &str) -> bool {
        is_word(self.token(), word)
    }

    /// Whether the token `by` places on is this word, unquoted.
    pub fn ahead_is(&self, by: usize, word: &str) -> bool {
        is_word(self.ahead(by), word)
    }

    /// Whether these words come next.
    pub fn are(&self, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(by, word)| is_word(self.ahead(by), word))
    }

    /// Steps past the word, if it is there.
    pub fn take(&mut self, word: &str) -> bool {
        let there = self.is(word);
        if there {
            self.step();
        }
        there
    }

    /// Steps past the words, if all are there.
    pub fn take_all(&mut self, words: &[&str]) -> bool {
        let there = self.are(words);
        if there {
            for _ in words {
                self.step();
            }
        }
        there
    }

    /// Steps past one of the words.
    pub fn take_one(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.take(word))
    }

    /// Demands the word.
    pub fn need(&mut self, word: &str) -> Read<()> {
        if self.take(word) { Ok(()) } else { self.unread() }
    }

    /// Whether the current token is this sign.
    pub fn is_sign(&self, sign: &Token) -> bool {
        self.token() == sign
    }

    /// Steps past the sign, if it is there.
    pub fn take_sign(&mut self, sign: &Token) -> bool {
        let there = self.is_sign(sign);
        if there {
            self.step();
        }
        there
    }

    /// Demands the sign.
    pub fn need_sign(&mut self, sign: &Token) -> Read<()> {
        if self.take_sign(sign) { Ok(()) } else { self.unread() }
    }

    /// A name, quoted or not.
    pub fn name(&mut self) -> Read<Name> {
        let span = self.here();
        let text = match self.token() {
            Token::Word(word) if word.quote_style == Some('`') => word.value.replace("``", "`"),
            Token::Word(word) if !word.value.starts_with('@') => word.value.clone(),
            _ => return self.unread(),
        };
        self.step();
        Ok(Name { text, span })
    }

    /// A table with or without its database.
    pub fn table(&mut self) -> Read<TableRef> {
        let first = self.name()?;
        if self.take_sign(&Token::Period) {
            return Ok(TableRef { database: Some(first), table: self.name()? });
        }
        Ok(TableRef { database: None, table: first })
    }

    /// Tables between commas.
    pub fn tables(&mut self) -> Read<Vec<TableRef>> {
        self.list(Self::table)
    }

    /// Things between commas.
    pub fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut all = vec![one(self)?];
        while self.take_sign(&Token::Comma) {
            all.push(one(self)?);
        }
        Ok(all)
    }

    /// Names in brackets.
    pub fn bracketed_names(&mut self) -> Read<Vec<Name>> {
        self.need_sign(&Token::LParen)?;
        let names = self.list(Self::name)?;
        self.need_sign(&Token::RParen)?;
        Ok(names)
    }

    /// A text in quotes, without them.
    pub fn string(&mut self) -> Read<String> {
        let text = match self.token() {
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => text.clone(),
            _ => return self.unread(),
        };
        self.step();
        Ok(text)
    }

    /// A whole number.
    pub fn number(&mut self) -> Read<u64> {
        match self.token() {
            Token::Number(digits, _) => match digits.parse() {
                Ok(number) => {
                    self.step();
                    Ok(number)
                }
                Err(_) => self.unread(),
            },
            _ => self.unread(),
        }
    }

    /// Steps past brackets and all between them.
    pub fn balanced(&mut self) -> Read<Span> {
        let start = self.here().start;
        self.need_sign(&Token::LParen)?;
        let mut depth = 1_usize;
        while depth > 0 {
            match self.token() {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                Token::EOF => return self.unread(),
                _ => {}
            }
            self.step();
        }
        Ok(self.since(start))
    }

    /// `IF EXISTS` where not every server takes it.
    pub fn if_exists_by(&mut self, feature: Feature) -> bool {
        let start = self.here().start;
        let there = self.if_exists();
        if there {
            self.uses(feature, start);
        }
        there
    }

    /// `IF NOT EXISTS` where not every server takes it.
    pub fn if_not_exists_by(&mut self, feature: Feature) -> bool {
        let start = self.here().start;
        let there = self.if_not_exists();
        if there {
            self.uses(feature, start);
        }
        there
    }

    /// `WAIT n` or `NOWAIT`, of MariaDB.
    pub fn wait(&mut self) {
        let start = self.here().start;
        if self.take("nowait") {
            self.uses(Feature::WaitOfTable, start);
        } else if self.is("wait") && matches!(self.ahead(1), Token::Number(..)) {
            self.step();
            self.step();
            self.uses(Feature::WaitOfTable, start);
        }
    }

    /// Steps past all that is left.
    pub fn rest(&mut self) {
        while !self.is_end() {
            self.step();
        }
    }

    /// Whether this word stands among all that is left.
    pub fn rest_has(&mut self, word: &str) -> bool {
        let place = self.place();
        while !self.is_end() && !self.is(word) {
            self.step();
        }
        let found = !self.is_end();
        self.back_to(place);
        found
    }

    /// The current place, for [`Self::back_to`].
    pub fn place(&self) -> Place {
        Place { index: self.parser.index(), last: self.last, only: self.only.len(), uses: self.uses.len() }
    }

    /// Back to a place where the reader has been.
    pub fn back_to(&mut self, place: Place) {
        while self.parser.index() > place.index {
            self.parser.prev_token();
        }
        self.last = place.last;
        self.only.truncate(place.only);
        self.uses.truncate(place.uses);
    }

    /// An account: `app`, `'app'@'%'`, `app@localhost`, `CURRENT_USER()`.
    pub fn account(&mut self) -> Read<Span> {
        let start = self.here().start;
        if self.string().is_err() {
            match self.token() {
                Token::Word(_) => self.step(),
                _ => return self.unread(),
            }
        }
        if self.take_sign(&Token::LParen) {
            self.need_sign(&Token::RParen)?;
        }
        // `@` may be a part of a word or one of its own, and a quoted host follows it.
        let host = matches!(self.token(), Token::AtSign)
            || matches!(self.token(), Token::Word(word) if word.quote_style.is_none() && word.value.starts_with('@'));
        if host {
            self.step();
        }
        if self.since(start).of(self.text).ends_with('@') && self.string().is_err() {
            self.name()?;
        }
        while self.take_sign(&Token::Period) {
            self.step();
        }
        Ok(self.since(start))
    }

    /// `IF EXISTS`.
    pub fn if_exists(&mut self) -> bool {
        self.take_all(&["if", "exists"])
    }

    /// `IF NOT EXISTS`.
    pub fn if_not_exists(&mut self) -> bool {
        self.take_all(&["if", "not", "exists"])
    }

    /// Notes that only one family knows what stands from `start` to here.
    pub fn only_in(&mut self, family: Family, start: usize) {
        let span = self.since(start);
        self.only.push(OnlyIn { family, span });
    }

    /// Notes that what stands from `start` to here is syntax that not every server knows.
    pub fn uses(&mut self, feature: Feature, start: usize) {
        let span = self.since(start);
        self.uses.push(Used { feature, span });
    }

    /// Lets sqlparser read something.
    pub fn sqlparser<T>(&mut self, read: impl FnOnce(&mut Parser<'a>) -> Result<T, ParserError>) -> Read<T> {
        let result = read(&mut self.parser);
        self.last = place(self.parser.get_current_token().span).end.max(self.last);
        result.map_err(|_| Unread(self.here()))
    }
}

/// Whether the bracket at this place closes `CAST(… AS JSON)`.
fn ends_cast_as_json(tokens: &[TokenWithSpan], at: usize) -> bool {
    at.checked_sub(2).and_then(|before| tokens.get(before..at)).is_some_and(
        |before| matches!(before, [one, two] if is_word(&one.token, "as") && is_word(&two.token, "json")),
    )
}

fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}
