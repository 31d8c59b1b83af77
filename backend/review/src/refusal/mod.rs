//! A server's "no" in plain words: what its error number means for the asker's own table, and which word of the statement
//! it is about.

mod definitions;
mod foreign;
mod keys;
mod names;
mod partitions;

use crate::{
    read::{Statement, first_word},
    rules::words,
    scan::{self, Lexeme},
    server::place_of,
    span::Span,
};
use dbdesk_commands::lang::Said;

/// "You have an error in your SQL syntax", and its older sister.
const SYNTAX: [u16; 2] = [1064, 1149];

/// What a "no" means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What is wrong.
    pub message: Said,
    /// What to write instead.
    pub fix: Said,
}

/// What the server's sentence says in the asker's words, where its number is known. Names of `database` are shown without it.
#[must_use]
pub fn explain(number: u16, sentence: &str, database: Option<&str>) -> Option<Explained> {
    let names = Names(quoted(sentence).into_iter().map(|name| short(name, database)).collect());
    let (message, fix) = names::explain(number, &names)
        .or_else(|| keys::explain(number, &names))
        .or_else(|| foreign::explain(number, &names))
        .or_else(|| definitions::explain(number, &names))
        .or_else(|| partitions::explain(number, &names))?;
    Some(Explained { message, fix })
}

/// The word that the sentence is about: the place of a syntax error, or the first of its names that stands in the statement.
#[must_use]
pub fn place(sql: &str, statement: &Statement, number: u16, sentence: &str) -> Span {
    let first = first_word(sql, statement.span);
    if SYNTAX.contains(&number) {
        return place_of(sql, statement.span, sentence).unwrap_or(first);
    }
    // A name written twice ("duplicate column") is at fault where it stands last.
    let last = matches!(number, 1060 | 1061 | 1110 | 1517 | 1826 | 3822);
    quoted(sentence).iter().find_map(|name| find(sql, statement.span, name, last)).unwrap_or(first)
}

/// Names out of a server's sentence, by the order in which it tells them.
struct Names(Vec<String>);

impl Names {
    /// One of them, to be shown.
    fn at(&self, place: usize) -> Option<String> {
        self.0.get(place).map(|name| words::quoted(name))
    }
}

/// What stands in quotes of either kind. MariaDB writes `db`.`table` in two pairs; that is one name.
fn quoted(sentence: &str) -> Vec<String> {
    let (mut all, mut rest) = (Vec::new(), sentence);
    while let Some(at) = rest.find(['\'', '`']) {
        let (quote, after) = rest.split_at(at).1.split_at(1);
        let opens_word = rest.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
        // The apostrophe of "doesn't" is no quote.
        if opens_word && quote == "'" {
            rest = after;
            continue;
        }
        let Some(end) = after.find(quote) else { break };
        let (name, behind) = after.split_at(end);
        let behind = behind.get(1..).unwrap_or_default();
        match behind.strip_prefix(".`").and_then(|table| Some((table, table.find('`')?))) {
            Some((table, end)) if quote == "`" => {
                all.push(format!("{name}.{}", table.get(..end).unwrap_or_default()));
                rest = table.get(end + 1..).unwrap_or_default();
            }
            _ => {
                all.push(name.to_owned());
                rest = behind;
            }
        }
    }
    all
}

/// The name without the database that the statement runs in.
fn short(name: String, database: Option<&str>) -> String {
    let own = database
        .and_then(|database| name.strip_prefix(database))
        .and_then(|rest| rest.strip_prefix(['.', '/']));
    own.map(str::to_owned).unwrap_or(name)
}

/// Where a name stands in the statement, with or without its table and database before it.
fn find(sql: &str, statement: Span, name: &str, last: bool) -> Option<Span> {
    let wanted = name.rsplit(['.', '/']).next().filter(|name| !name.is_empty())?;
    let bytes = statement.of(sql).as_bytes();
    let (mut at, mut found) = (0, None);
    while let Some(lexeme) = scan::next(bytes, at) {
        let span = Span::new(statement.start + at, statement.start + lexeme.end);
        at = lexeme.end;
        let text = span.of(sql);
        let is_it = match lexeme.lexeme {
            Lexeme::Word => text.eq_ignore_ascii_case(wanted),
            Lexeme::Name => text.trim_matches('`').replace("``", "`").eq_ignore_ascii_case(wanted),
            _ => false,
        };
        if is_it {
            found = Some(span);
            if !last {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
