//! `CREATE TABLE`, table options, partitions, `CREATE INDEX`.

use super::{
    column,
    key::{self, Constraint},
    reader::{Read, Reader},
};
use crate::{
    facts::KeyKind,
    feature::Feature,
    flavour::Family,
    shape::{Action, AlterForm, AlterOp, AlterTable, CreateTable, Shape, TableOption, TableRef},
    span::Span,
};
use sqlparser::tokenizer::Token;

/// `CREATE [OR REPLACE] [TEMPORARY] TABLE`, from after these words on.
pub fn table(reader: &mut Reader<'_>, or_replace: bool, temporary: bool) -> Read<Shape> {
    let if_not_exists = reader.if_not_exists();
    let mut create = CreateTable {
        table: reader.table()?,
        if_not_exists,
        or_replace,
        temporary,
        columns: Vec::new(),
        keys: Vec::new(),
        options: Vec::new(),
        partition: None,
        like: None,
        select: None,
    };
    if reader.take("like") {
        create.like = Some(reader.table()?);
    } else if reader.is_sign(&Token::LParen)
        && matches!(reader.ahead(1), Token::Word(word) if word.value.eq_ignore_ascii_case("like") && word.quote_style.is_none())
    {
        reader.step();
        reader.need("like")?;
        create.like = Some(reader.table()?);
        reader.need_sign(&Token::RParen)?;
    } else {
        if reader.is_sign(&Token::LParen) && !begins_query(reader.ahead(1)) {
            elements(reader, &mut create)?;
        }
        create.options = options(reader)?;
        if reader.is("partition") {
            let start = reader.here().start;
            partition_by(reader)?;
            create.partition = Some(reader.since(start));
        }
        create.select = select(reader)?;
    }
    reader.end()?;
    Ok(Shape::CreateTable(Box::new(create)))
}

fn begins_query(token: &Token) -> bool {
    match token {
        Token::LParen => true,
        Token::Word(word) => {
            word.quote_style.is_none()
                && ["select", "with", "values", "table"]
                    .iter()
                    .any(|begin| word.value.eq_ignore_ascii_case(begin))
        }
        _ => false,
    }
}

fn elements(reader: &mut Reader<'_>, create: &mut CreateTable) -> Read<()> {
    reader.need_sign(&Token::LParen)?;
    loop {
        match key::constraint(reader)? {
            Some(Constraint::Key(key, _)) => create.keys.push(key),
            Some(Constraint::Other) => {}
            None => create.columns.push(column::definition(reader)?),
        }
        if !reader.take_sign(&Token::Comma) {
            break;
        }
    }
    reader.need_sign(&Token::RParen)
}

fn select(reader: &mut Reader<'_>) -> Read<Option<Span>> {
    let start = reader.here().start;
    let worded = reader.take_one(&["ignore", "replace"]) | reader.take("as");
    if begins_query(reader.token()) {
        let query = reader.sqlparser(sqlparser::parser::Parser::parse_query)?;
        super::query::inside(&mut reader.queries, &query, None);
        reader.end()?;
        return Ok(Some(reader.since(start)));
    }
    if worded { reader.unread() } else { Ok(None) }
}

/// Options that take one value, and the family that alone knows them.
const OPTIONS: &[(&str, Option<Family>)] = &[
    ("auto_increment", None),
    ("autoextend_size", Some(Family::MySql)),
    ("avg_row_length", None),
    ("charset", None),
    ("checksum", None),
    ("collate", None),
    ("comment", None),
    ("compression", Some(Family::MySql)),
    ("connection", None),
    ("delay_key_write", None),
    ("encrypted", Some(Family::MariaDb)),
    ("encryption", Some(Family::MySql)),
    ("encryption_key_id", Some(Family::MariaDb)),
    ("engine", None),
    ("engine_attribute", Some(Family::MySql)),
    ("ietf_quotes", Some(Family::MariaDb)),
    ("insert_method", None),
    ("key_block_size", None),
    ("max_rows", None),
    ("min_rows", None),
    ("pack_keys", None),
    ("page_checksum", Some(Family::MariaDb)),
    ("page_compressed", Some(Family::MariaDb)),
    ("page_compression_level", Some(Family::MariaDb)),
    ("password", None),
    ("row_format", None),
    ("secondary_engine", Some(Family::MySql)),
    ("secondary_engine_attribute", Some(Family::MySql)),
    ("sequence", Some(Family::MariaDb)),
    ("stats_auto_recalc", None),
    ("stats_persistent", None),
    ("stats_sample_pages", None),
    ("table_checksum", None),
    ("tablespace", None),
    ("transactional", Some(Family::MariaDb)),
    ("type", None),
];

/// All table options that stand here.
fn options(reader: &mut Reader<'_>) -> Read<Vec<TableOption>> {
    let mut all = Vec::new();
    while let Some(option) = option(reader)? {
        all.push(option);
        reader.take_sign(&Token::Comma);
    }
    Ok(all)
}

/// A table option, where one begins here.
pub fn option(reader: &mut Reader<'_>) -> Read<Option<TableOption>> {
    let start = reader.here().start;
    if reader.take_all(&["with", "system", "versioning"]) {
        reader.uses(Feature::SystemVersioning, start);
        return Ok(Some(named("system_versioning", reader.since(start))));
    }
    if reader.take_all(&["start", "transaction"]) {
        reader.only_in(Family::MySql, start);
        return Ok(Some(named("start_transaction", reader.since(start))));
    }
    let defaulted = reader.take("default");
    let (name, only) = if reader.take_all(&["character", "set"]) || reader.take_all(&["char", "set"]) {
        ("charset", None)
    } else if reader.take_all(&["data", "directory"]) || reader.take_all(&["index", "directory"]) {
        ("directory", None)
    } else if reader.take("union") {
        reader.take_sign(&Token::Eq);
        reader.balanced()?;
        return Ok(Some(named("union", reader.since(start))));
    } else if let Some((name, only)) = OPTIONS.iter().find(|(name, _)| reader.is(name)) {
        reader.step();
        (*name, *only)
    } else if defaulted {
        return reader.unread();
    } else if reader.take("storage") {
        reader.take_sign(&Token::Eq);
        if !reader.take_one(&["disk", "memory"]) {
            return reader.unread();
        }
        return Ok(Some(named("storage", reader.since(start))));
    } else {
        return Ok(engine_option(reader)?.then(|| named("engine_option", reader.since(start))));
    };
    reader.take_sign(&Token::Eq);
    let value_span = reader.here();
    let value = option_value(reader)?;
    if name == "tablespace" && reader.take("storage") {
        reader.name()?;
    }
    if let Some(family) = only {
        reader.only_in(family, start);
    }
    let name = if name == "type" { "engine" } else { name };
    Ok(Some(TableOption { name: name.to_owned(), value, value_span, span: reader.since(start) }))
}

/// MariaDB's engines have options of their own, at tables, columns and indexes: `name = value`.
pub fn engine_option(reader: &mut Reader<'_>) -> Read<bool> {
    let start = reader.here().start;
    let way = reader.is("algorithm") || reader.is("lock");
    if way || !matches!(reader.token(), Token::Word(_)) || *reader.ahead(1) != Token::Eq {
        return Ok(false);
    }
    reader.name()?;
    reader.need_sign(&Token::Eq)?;
    reader.take_sign(&Token::Minus);
    option_value(reader)?;
    reader.only_in(Family::MariaDb, start);
    Ok(true)
}

/// A number, a text or a word.
fn option_value(reader: &mut Reader<'_>) -> Read<String> {
    let value = match reader.token() {
        Token::Number(digits, _) => digits.clone(),
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => return column::text(reader),
        Token::Word(word) => word.value.clone(),
        _ => return reader.unread(),
    };
    reader.step();
    Ok(value)
}

/// An option that is its name alone.
fn named(name: &str, span: Span) -> TableOption {
    TableOption { name: name.to_owned(), value: String::new(), value_span: span, span }
}

/// `PARTITION BY …` and all that belongs to it. What it says is the server's to judge.
pub fn partition_by(reader: &mut Reader<'_>) -> Read<()> {
    reader.need("partition")?;
    reader.need("by")?;
    reader.take("linear");
    if !reader.take_one(&["hash", "key", "range", "list", "system_time"]) {
        return reader.unread();
    }
    while !reader.is_end() && !reader.is("select") && !reader.is("as") && !reader.is_sign(&Token::Comma) {
        if reader.is_sign(&Token::LParen) {
            reader.balanced()?;
        } else {
            reader.step();
        }
    }
    Ok(())
}

/// `PARTITION p VALUES …`, the table that becomes one.
pub fn converted_partition(reader: &mut Reader<'_>) -> Read<()> {
    reader.need("partition")?;
    reader.name()?;
    if reader.take("values") {
        if !reader.take_all(&["less", "than"]) {
            reader.need("in")?;
        }
        if !reader.take("maxvalue") {
            reader.balanced()?;
        }
    }
    Ok(())
}

/// `CREATE [UNIQUE|FULLTEXT|SPATIAL] INDEX`, from after these words on.
pub fn index(reader: &mut Reader<'_>, kind: KeyKind, start: usize) -> Read<Shape> {
    let if_not_exists = reader.if_not_exists_by(Feature::IndexIfExists);
    let name = reader.name()?;
    let mut key = key::empty(kind, reader.since(start));
    key.name = Some(name);
    key.method = key::using(reader)?;
    reader.need("on")?;
    let table = reader.table()?;
    key::parts(reader, &mut key)?;
    key::options(reader, &mut key)?;
    let ways = algorithm_and_lock(reader)?;
    reader.wait();
    reader.end()?;
    let span = reader.since(start);
    key.span = span;
    Ok(alteration(table, AlterForm::CreateIndex, Action::AddKey(key, if_not_exists), span, ways))
}

/// `ALGORITHM = …` and `LOCK = …`, in any order.
pub fn algorithm_and_lock(reader: &mut Reader<'_>) -> Read<Vec<AlterOp>> {
    let mut ways = Vec::new();
    while let Some(way) = algorithm_or_lock(reader)? {
        ways.push(way);
    }
    Ok(ways)
}

/// One of them, where it stands here.
pub fn algorithm_or_lock(reader: &mut Reader<'_>) -> Read<Option<AlterOp>> {
    let start = reader.here().start;
    let Some(word) = ["algorithm", "lock"].into_iter().find(|word| reader.take(word)) else {
        return Ok(None);
    };
    reader.take_sign(&Token::Eq);
    let wanted = reader.name()?;
    if word == "algorithm" && wanted.text.eq_ignore_ascii_case("instant") {
        reader.uses(Feature::AlgorithmInstant, start);
    } else if word == "algorithm" && wanted.text.eq_ignore_ascii_case("nocopy") {
        reader.uses(Feature::AlgorithmNocopy, start);
    }
    let action = Action::Way(word, wanted);
    Ok(Some(AlterOp { action, position: None, span: reader.since(start) }))
}

/// An alteration that does one thing, and how.
pub fn alteration(table: TableRef, form: AlterForm, action: Action, span: Span, ways: Vec<AlterOp>) -> Shape {
    let mut ops = vec![AlterOp { action, position: None, span }];
    ops.extend(ways);
    Shape::AlterTable(AlterTable { table, form, if_exists: false, ignore: false, ops })
}
