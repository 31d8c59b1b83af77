use super::{Rule, lexemes::lexemes, names, words};
use crate::{
    judge::{See, Tell},
    mend::Edit,
    reserved::is_reserved,
    scan::Lexeme,
    shape::{KeyDef, Obscure, Shape},
    span::Span,
    types::TypeKind,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::review::Level,
};

pub const RULE: Rule =
    Rule::new("reserved-word-unquoted", Level::Error, include_str!("reserved_word_unquoted.md"), check);

/// In a condition most reserved words are functions or signs; these are never.
const COLUMNS: [&str; 13] = [
    "key", "keys", "index", "desc", "range", "rank", "condition", "option", "usage", "groups", "system", "release",
    "references",
];

fn check(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let shape = &see.statement.shape;
    for (name, after_dot) in names::written_names(shape) {
        // Behind a dot every word is a name.
        if !after_dot && !sql.get(..name.span.start).is_some_and(|before| before.ends_with('.')) {
            look(see, tell, &name.text, name.span);
        }
    }
    if let Shape::Update(change) | Shape::Delete(change) = shape {
        let used = change.condition.iter().flat_map(|condition| &condition.columns);
        for column in used.filter(|column| column.table.is_none()) {
            if COLUMNS.iter().any(|word| column.column.text.eq_ignore_ascii_case(word)) {
                look(see, tell, &column.column.text, column.column.span);
            }
        }
    }
    for key in names::new_keys(shape) {
        parts(see, tell, key);
    }
    if matches!(shape, Shape::NotAnalysable(Obscure::Unread, _)) && first_words(sql, see.statement.span) {
        misread(see, tell);
    }
}

/// Words that begin something else than a column in the brackets of a table.
const BEGINS: [&str; 8] = ["key", "index", "check", "primary", "unique", "fulltext", "spatial", "foreign"];

fn first_words(sql: &str, span: Span) -> bool {
    let text = span.of(sql);
    let word = text.split_whitespace().next().unwrap_or_default();
    ["create", "alter"].iter().any(|first| word.eq_ignore_ascii_case(first))
}

/// `key varchar(10)` reads like an index until its type is seen; no index has such brackets, or none at all.
fn misread(see: &See<'_>, tell: &mut Tell<'_>) {
    let sql = see.script.sql();
    let all: Vec<(Lexeme, Span)> = lexemes(sql, see.statement.span).take(2_000).collect();
    for here in all.windows(5) {
        let [(before, before_at), (name, name_at), (kind, kind_at), (next, _), (inside, inside_at)] = here else { continue };
        let word = |at: &Span| at.of(sql).to_ascii_lowercase();
        let begins = matches!(before, Lexeme::Open | Lexeme::Comma)
            || *before == Lexeme::Word && ["add", "column"].contains(&word(before_at).as_str());
        let named = *name == Lexeme::Word && BEGINS.contains(&word(name_at).as_str());
        let typed = *kind == Lexeme::Word && TypeKind::of_words(&word(kind_at)) != TypeKind::Other;
        let value = *inside == Lexeme::Text
            || *inside == Lexeme::Word && inside_at.of(sql).starts_with(|first: char| first.is_ascii_digit());
        if begins && named && typed && (*next != Lexeme::Open || value) {
            look(see, tell, name_at.of(sql), *name_at);
        }
    }
}

/// The columns of an index: words in its brackets.
fn parts(see: &See<'_>, tell: &mut Tell<'_>, key: &KeyDef) {
    let sql = see.script.sql();
    let known = |word: &str| {
        key.parts.iter().any(|part| !part.is_expression && part.column.eq_ignore_ascii_case(word))
    };
    if !key.parts.iter().any(|part| is_reserved(&part.column, see.settings.flavour)) {
        return;
    }
    let brackets = lexemes(sql, key.span).skip_while(|(lexeme, _)| *lexeme != Lexeme::Open);
    for (_, at) in brackets.take_while(|(lexeme, _)| *lexeme != Lexeme::Close).filter(|(lexeme, _)| *lexeme == Lexeme::Word) {
        if known(at.of(sql)) {
            look(see, tell, at.of(sql), at);
        }
    }
}

fn look(see: &See<'_>, tell: &mut Tell<'_>, word: &str, span: Span) {
    let flavour = see.settings.flavour;
    if span.of(see.script.sql()).starts_with('`') || tell.is_full() || !is_reserved(word, flavour) {
        return;
    }
    let quoted = words::quoted(word);
    tell.at(
        span,
        said!("{word} is a reserved word of {flavour}.", "{word} 是 {flavour} 的保留字。"),
        Said::fixed(
            "Without backquotes the server takes it for a part of SQL and refuses the statement.",
            "不加反引号，服务器会把它当成 SQL 的一部分，拒绝这条语句。",
        ),
        said!("Write {quoted}, or choose another name if it is new.", "请写成 {quoted}；如果是新名称，最好换一个。"),
    )
    .mend(vec![Edit::replace(span, quoted.clone())]);
}
