//! Index and constraint definitions.

use super::{
    column,
    reader::{Read, Reader},
};
use crate::{
    facts::{KeyKind, KeyPart},
    feature::Feature,
    flavour::Family,
    shape::{KeyDef, Name},
    span::Span,
    types::{Method, Written},
};
use sqlparser::tokenizer::Token;

/// An index, or a constraint that is none.
#[expect(clippy::large_enum_variant, reason = "it lives for a moment, and nearly all are keys")]
pub enum Constraint {
    /// An index or foreign key, and whether `IF NOT EXISTS` stands with it.
    Key(KeyDef, bool),
    /// `CHECK` or `PERIOD`.
    Other,
}

/// An index or constraint, where one begins here.
pub fn constraint(reader: &mut Reader<'_>) -> Read<Option<Constraint>> {
    let start = reader.here().start;
    if reader.are(&["period", "for"]) || reader.are(&["period", "if", "not", "exists"]) {
        reader.take("period");
        reader.if_not_exists();
        reader.need("for")?;
        let name = reader.name()?;
        reader.balanced()?;
        reader.uses(period(&name), start);
        return Ok(Some(Constraint::Other));
    }
    if reader.is("check") {
        column::check(reader)?;
        return Ok(Some(Constraint::Other));
    }
    let mut symbol = None;
    let named = reader.take("constraint");
    if named {
        reader.if_not_exists_by(Feature::IfExistsInAlter);
        if !["primary", "unique", "foreign", "check"].iter().any(|word| reader.is(word)) {
            symbol = Some(reader.name()?);
        }
        if reader.is("check") {
            column::check(reader)?;
            return Ok(Some(Constraint::Other));
        }
    }
    let kind = if reader.take_all(&["primary", "key"]) {
        KeyKind::Primary
    } else if reader.take_all(&["foreign", "key"]) {
        KeyKind::Foreign
    } else if reader.take("unique") {
        reader.take_one(&["index", "key"]);
        KeyKind::Unique
    } else if named {
        return reader.unread();
    } else if reader.take("fulltext") {
        reader.take_one(&["index", "key"]);
        KeyKind::FullText
    } else if reader.take("spatial") {
        reader.take_one(&["index", "key"]);
        KeyKind::Spatial
    } else if reader.take_all(&["vector", "index"]) || reader.take_all(&["vector", "key"]) {
        reader.uses(Feature::VectorIndex, start);
        KeyKind::FullText
    } else if reader.take_one(&["index", "key"]) {
        KeyKind::Plain
    } else {
        return Ok(None);
    };
    let if_not_exists = reader.if_not_exists_by(Feature::IfExistsInAlter);
    let mut key = empty(kind, reader.since(start));
    let method = reader.is("using") || reader.is("type") && !matches!(reader.ahead(1), Token::LParen);
    if !reader.is_sign(&Token::LParen) && !method {
        key.name = Some(reader.name()?);
    }
    // A foreign key is called by its constraint; what may stand behind its words is the name of its index.
    key.name = if kind == KeyKind::Foreign { symbol.or(key.name) } else { key.name.or(symbol) };
    key.method = using(reader)?;
    parts(reader, &mut key)?;
    if kind == KeyKind::Foreign {
        reader.need("references")?;
        key.references = Some(column::reference(reader)?);
    } else {
        options(reader, &mut key)?;
    }
    key.span = reader.since(start);
    Ok(Some(Constraint::Key(key, if_not_exists)))
}

/// Which period this is: of the server's own time, or of the application's.
pub fn period(name: &Name) -> Feature {
    if name.text.eq_ignore_ascii_case("system_time") { Feature::SystemVersioning } else { Feature::Period }
}

/// An index of which nothing is read yet.
pub fn empty(kind: KeyKind, span: Span) -> KeyDef {
    KeyDef {
        name: None,
        kind,
        parts: Vec::new(),
        part_spans: Vec::new(),
        invisible: false,
        method: None,
        comment: None,
        references: None,
        span,
    }
}

/// `USING BTREE`, where it stands.
pub fn using(reader: &mut Reader<'_>) -> Read<Option<Method>> {
    if !reader.take_one(&["using", "type"]) {
        return Ok(None);
    }
    for (word, method) in [("btree", Method::BTree), ("hash", Method::Hash), ("rtree", Method::RTree)] {
        if reader.take(word) {
            return Ok(Some(method));
        }
    }
    reader.unread()
}

/// The parts of an index, in brackets.
pub fn parts(reader: &mut Reader<'_>, key: &mut KeyDef) -> Read<()> {
    reader.need_sign(&Token::LParen)?;
    let parts = reader.list(|reader| {
        let start = reader.here().start;
        let mut part = part(reader)?;
        let span = reader.since(start);
        if reader.take_all(&["without", "overlaps"]) {
            reader.uses(Feature::WithoutOverlaps, start);
            // It names a period, not a column, and says more than that values do not repeat.
            part.is_expression = true;
        }
        part.descending = reader.take("desc");
        if !part.descending {
            reader.take("asc");
        }
        Ok((part, span))
    })?;
    (key.parts, key.part_spans) = parts.into_iter().unzip();
    reader.need_sign(&Token::RParen)
}

fn part(reader: &mut Reader<'_>) -> Read<KeyPart> {
    if reader.is_sign(&Token::LParen) {
        let start = reader.here().start;
        let column = reader.balanced()?.of(reader.text).to_ascii_lowercase();
        reader.uses(Feature::FunctionalIndex, start);
        return Ok(KeyPart { column, is_expression: true, ..KeyPart::default() });
    }
    let mut part = KeyPart { column: reader.name()?.text, ..KeyPart::default() };
    if reader.take_sign(&Token::LParen) {
        part.prefix = Some(u32::try_from(reader.number()?).unwrap_or(u32::MAX));
        reader.need_sign(&Token::RParen)?;
    }
    Ok(part)
}

/// Options after an index's parts.
pub fn options(reader: &mut Reader<'_>, key: &mut KeyDef) -> Read<()> {
    loop {
        let start = reader.here().start;
        if let Some(method) = using(reader)? {
            key.method = Some(method);
        } else if reader.take("visible") {
            key.invisible = false;
            reader.uses(Feature::VisibleIndex, start);
        } else if reader.take("invisible") {
            key.invisible = true;
            reader.uses(Feature::IndexVisibility, start);
        } else if reader.take("comment") {
            let value = column::text(reader)?;
            key.comment = Some(Written { value, span: reader.since(start) });
        } else if reader.take("key_block_size") {
            reader.take_sign(&Token::Eq);
            reader.number()?;
        } else if reader.take_all(&["with", "parser"]) {
            reader.name()?;
        } else if reader.take_one(&["engine_attribute", "secondary_engine_attribute"]) {
            reader.take_sign(&Token::Eq);
            reader.string()?;
            reader.only_in(Family::MySql, start);
        } else if reader.take("ignored") || reader.take_all(&["not", "ignored"]) {
            key.invisible = reader.since(start).of(reader.text).eq_ignore_ascii_case("ignored");
            reader.uses(Feature::IndexIgnored, start);
        } else if reader.take_one(&["clustering", "distance", "m"]) {
            reader.take_sign(&Token::Eq);
            reader.step();
            reader.only_in(Family::MariaDb, start);
        } else if !super::create::engine_option(reader)? {
            return Ok(());
        }
    }
}
