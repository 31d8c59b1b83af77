//! Which kind a statement is, by its first words, and who reads it.

use super::{
    admin, alter, create, dml, object, query,
    reader::{Read, Reader},
};
use crate::{
    facts::KeyKind,
    feature::Feature,
    flavour::Family,
    shape::{Action, AlterForm, Break, DropTable, Obscure, Shape},
    span::Span,
};
use sqlparser::tokenizer::Token;

/// The kind of what is not understood.
pub const NOT_ANALYSABLE: &str = "not_analysable";
/// The kind of what is certainly no SQL.
pub const SYNTAX_ERROR: &str = "syntax_error";

/// Kinds that have no place in a change ticket, by their first words.
const OUT_OF_PLACE: &[(&[&str], &str)] = &[
    (&["select"], "select"),
    (&["table"], "select"),
    (&["values"], "select"),
    (&["show"], "show"),
    (&["desc"], "show"),
    (&["describe"], "show"),
    (&["explain"], "show"),
    (&["help"], "show"),
    (&["use"], "use"),
    (&["set"], "set"),
    (&["handler"], "handler"),
    (&["prepare"], "prepare"),
    (&["execute"], "prepare"),
    (&["deallocate"], "prepare"),
];

/// How transactions are controlled by hand.
const TRANSACTION: &[&[&str]] = &[
    &["begin"],
    &["start", "transaction"],
    &["commit"],
    &["rollback"],
    &["savepoint"],
    &["release", "savepoint"],
    &["xa"],
    &["set", "transaction"],
    &["set", "session", "transaction"],
    &["set", "global", "transaction"],
    &["set", "autocommit"],
];

/// First words that are SQL, though the review does not read such statements.
const UNREAD: &[&str] = &[
    "alter",
    "analyze",
    "call",
    "case",
    "check",
    "checksum",
    "create",
    "declare",
    "diagnostics",
    "do",
    "drop",
    "for",
    "get",
    "if",
    "loop",
    "optimize",
    "rename",
    "repair",
    "repeat",
    "resignal",
    "signal",
    "while",
    "with",
    "release",
    "start",
];

/// Reads a statement: its kind and its shape.
pub fn read(reader: &mut Reader<'_>) -> Read<(&'static str, Shape)> {
    let start = reader.here().start;
    if let Some(known) = object::object(reader)? {
        return Ok(known);
    }
    if let Some(known) = change(reader, start)? {
        return Ok(known);
    }
    if TRANSACTION.iter().any(|words| reader.are(words)) && !reader.are(&["begin", "not"]) {
        return Ok(("transaction", Shape::Transaction));
    }
    if reader.take_all(&["set", "names"]) {
        return set_names(reader).map(|shape| ("set", shape));
    }
    if let Some(known) = admin::admin(reader)? {
        return Ok(known);
    }
    if let Some((_, kind)) = OUT_OF_PLACE.iter().find(|(words, _)| reader.are(words)) {
        if reader.is("select") {
            query::noted(reader);
        }
        return Ok((kind, Shape::OutOfPlace));
    }
    if reader.is_sign(&Token::LParen) {
        query::noted(reader);
        return Ok(("select", Shape::OutOfPlace));
    }
    if reader.is("with") {
        return with_query(reader, start);
    }
    let here = reader.here();
    if reader.are(&["begin", "not"]) || UNREAD.iter().any(|word| reader.is(word)) {
        return Ok((NOT_ANALYSABLE, Shape::NotAnalysable(Obscure::Kind, here)));
    }
    Ok((SYNTAX_ERROR, Shape::Broken(Break::FirstWord, here)))
}

/// `SET NAMES x [COLLATE y]` and nothing more: other settings may follow after a comma.
fn set_names(reader: &mut Reader<'_>) -> Read<Shape> {
    if reader.string().is_err() {
        reader.name()?;
    }
    if reader.take("collate") && reader.string().is_err() {
        reader.name()?;
    }
    Ok(if reader.is_end() { Shape::SetNames } else { Shape::OutOfPlace })
}

/// `WITH … SELECT` is a query; `WITH … UPDATE` changes rows.
fn with_query(reader: &mut Reader<'_>, start: usize) -> Read<(&'static str, Shape)> {
    let place = reader.place();
    let mut depth = 0_usize;
    while !reader.is_end() {
        match reader.token() {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ if depth == 0 && ["select", "update", "delete"].iter().any(|word| reader.is(word)) => break,
            _ => {}
        }
        reader.step();
    }
    let changes = reader.is("update") || reader.is("delete");
    reader.back_to(place);
    if !changes {
        query::noted(reader);
        return Ok(("select", Shape::OutOfPlace));
    }
    reader.take("with");
    let with = dml::with(reader, start)?;
    reader.uses(Feature::CteOfChange, start);
    if reader.take("update") {
        return Ok(("update", dml::update(reader, Some(with))?));
    }
    reader.need("delete")?;
    Ok(("delete", dml::delete(reader, Some(with))?))
}

/// The kinds that change something and are read in full.
fn change(reader: &mut Reader<'_>, start: usize) -> Read<Option<(&'static str, Shape)>> {
    let known = if reader.take("insert") {
        ("insert", dml::insert(reader, false)?)
    } else if reader.take("replace") {
        ("replace", dml::insert(reader, true)?)
    } else if reader.take("update") {
        ("update", dml::update(reader, None)?)
    } else if reader.take("delete") {
        ("delete", dml::delete(reader, None)?)
    } else if reader.take("truncate") {
        reader.take("table");
        let table = reader.table()?;
        reader.wait();
        reader.end()?;
        ("truncate_table", Shape::Truncate(table))
    } else if reader.take_all(&["rename", "table"]) || reader.take_all(&["rename", "tables"]) {
        ("rename_table", rename(reader)?)
    } else if reader.is("alter") {
        return alteration(reader);
    } else if reader.is("create") {
        return creation(reader, start);
    } else if reader.is("drop") {
        return removal(reader, start);
    } else {
        return Ok(None);
    };
    Ok(Some(known))
}

fn rename(reader: &mut Reader<'_>) -> Read<Shape> {
    reader.if_exists_by(Feature::RenameTableIfExists);
    let pairs = reader.list(|reader| {
        let old = reader.table()?;
        reader.wait();
        reader.need("to")?;
        Ok((old, reader.table()?))
    })?;
    reader.end()?;
    Ok(Shape::RenameTable(pairs))
}

fn alteration(reader: &mut Reader<'_>) -> Read<Option<(&'static str, Shape)>> {
    let mut words = vec!["alter"];
    for modifier in ["online", "ignore"] {
        let mut with = words.clone();
        with.push(modifier);
        if reader.are(&with) {
            words = with;
        }
    }
    let modified = words.len() > 1;
    words.push("table");
    let start = reader.here().start;
    if !reader.take_all(&words) {
        return Ok(None);
    }
    if modified {
        reader.only_in(Family::MariaDb, start);
    }
    let mut shape = alter::table(reader)?;
    if let Shape::AlterTable(alter) = &mut shape {
        alter.ignore = words.contains(&"ignore");
    }
    Ok(Some(("alter_table", shape)))
}

fn creation(reader: &mut Reader<'_>, start: usize) -> Read<Option<(&'static str, Shape)>> {
    for (words, kind) in [
        (&["create", "index"][..], KeyKind::Plain),
        (&["create", "unique", "index"], KeyKind::Unique),
        (&["create", "fulltext", "index"], KeyKind::FullText),
        (&["create", "spatial", "index"], KeyKind::Spatial),
    ] {
        if reader.take_all(words) {
            return Ok(Some(("create_index", create::index(reader, kind, start)?)));
        }
    }
    if reader.are(&["create", "database"]) || reader.are(&["create", "schema"]) {
        reader.step();
        reader.step();
        reader.if_not_exists();
        let name = reader.name()?;
        while create::option(reader)?.is_some() {}
        reader.end()?;
        return Ok(Some(("create_database", Shape::CreateDatabase(name))));
    }
    let replaces = reader.are(&["create", "or", "replace"]);
    let by = if replaces { 3 } else { 1 };
    let temporary =
        matches!(reader.ahead(by), Token::Word(word) if word.value.eq_ignore_ascii_case("temporary"));
    let by = by + usize::from(temporary);
    if !matches!(reader.ahead(by), Token::Word(word) if word.value.eq_ignore_ascii_case("table") && word.quote_style.is_none())
    {
        return Ok(None);
    }
    (0..=by).for_each(|_| reader.step());
    if replaces {
        reader.uses(Feature::OrReplaceTable, start);
    }
    Ok(Some(("create_table", create::table(reader, replaces, temporary)?)))
}

fn removal(reader: &mut Reader<'_>, start: usize) -> Read<Option<(&'static str, Shape)>> {
    if reader.take_all(&["drop", "index"]) {
        let if_exists = reader.if_exists_by(Feature::IndexIfExists);
        let name = reader.name()?;
        reader.need("on")?;
        let table = reader.table()?;
        let ways = create::algorithm_and_lock(reader)?;
        reader.end()?;
        let span: Span = reader.since(start);
        let action = Action::DropKey(name, if_exists);
        let shape = create::alteration(table, AlterForm::DropIndex, action, span, ways);
        return Ok(Some(("drop_index", shape)));
    }
    if reader.take_all(&["drop", "database"]) || reader.take_all(&["drop", "schema"]) {
        reader.if_exists();
        let name = reader.name()?;
        reader.end()?;
        return Ok(Some(("drop_database", Shape::DropDatabase(name))));
    }
    let temporary = reader.are(&["drop", "temporary"]);
    let by = 1 + usize::from(temporary);
    let is =
        |word: &str| matches!(reader.ahead(by), Token::Word(found) if found.value.eq_ignore_ascii_case(word));
    if !is("table") && !is("tables") {
        return Ok(None);
    }
    (0..=by).for_each(|_| reader.step());
    let if_exists = reader.if_exists();
    let tables = reader.tables()?;
    reader.wait();
    reader.take_one(&["restrict", "cascade"]);
    reader.end()?;
    Ok(Some(("drop_table", Shape::DropTable(DropTable { tables, if_exists, temporary }))))
}
