//! Column definitions.

use super::tokens;
use super::{
    create,
    reader::{Read, Reader},
};
use crate::{
    facts::KeyKind,
    feature::Feature,
    flavour::Family,
    shape::{ColumnDef, Name, Position, Reference},
    span::Span,
    types::{ColumnType, DefaultValue, ForeignAction, Generated, TypeKind, Written, charset_of, unescaped},
};
use sqlparser::tokenizer::Token;

/// Types that are one word.
const TYPES: &[&str] = &[
    "bigint",
    "binary",
    "bit",
    "blob",
    "bool",
    "boolean",
    "char",
    "character",
    "date",
    "datetime",
    "dec",
    "decimal",
    "double",
    "enum",
    "fixed",
    "float",
    "float4",
    "float8",
    "geomcollection",
    "geometry",
    "geometrycollection",
    "int",
    "int1",
    "int2",
    "int3",
    "int4",
    "int8",
    "integer",
    "json",
    "linestring",
    "long",
    "longblob",
    "longtext",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "middleint",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "national",
    "nchar",
    "numeric",
    "nvarchar",
    "point",
    "polygon",
    "real",
    "serial",
    "set",
    "smallint",
    "text",
    "time",
    "timestamp",
    "tinyblob",
    "tinyint",
    "tinytext",
    "varbinary",
    "varchar",
    "varcharacter",
    "vector",
    "year",
];

/// Types that only MariaDB has.
const MARIADB_TYPES: &[&str] = &["inet4", "inet6", "uuid", "varchar2", "number", "clob", "raw", "xmltype"];

/// `name type attributes`.
pub fn definition(reader: &mut Reader<'_>) -> Read<ColumnDef> {
    let name = reader.name()?;
    after_name(reader, name)
}

/// A column definition with `FIRST` or `AFTER x`.
pub fn positioned(reader: &mut Reader<'_>) -> Read<ColumnDef> {
    let mut column = definition(reader)?;
    let start = reader.here().start;
    if reader.take("after") {
        let value = Position::After(reader.name()?);
        column.position = Some(Written { value, span: reader.since(start) });
    } else if reader.take("first") {
        column.position = Some(Written { value: Position::First, span: reader.since(start) });
    }
    Ok(column)
}

/// `type attributes`, the name being read already.
pub fn after_name(reader: &mut Reader<'_>, name: Name) -> Read<ColumnDef> {
    let start = name.span.start;
    let (data_type, column_type, type_span, brackets) = data_type(reader)?;
    let serial = data_type == "serial";
    let mut column = ColumnDef {
        name,
        nullable: !serial,
        has_default: serial,
        key: serial.then_some(KeyKind::Unique),
        auto_increment: serial.then_some(type_span),
        data_type,
        column_type,
        type_span,
        brackets,
        null: None,
        default: None,
        on_update: None,
        generated: None,
        comment: None,
        charset: None,
        collation: None,
        invisible: false,
        references: None,
        position: None,
        span: type_span,
    };
    while attribute(reader, &mut column)? {}
    column.span = reader.since(start);
    settle(&mut column);
    Ok(column)
}

/// What charset and collation, written behind the type, make of it.
fn settle(column: &mut ColumnDef) {
    let of = &mut column.column_type;
    if let Some(charset) = &column.charset {
        of.charset = Some(folded_charset(&charset.value));
    }
    if let Some(collation) = &column.collation {
        of.collation = Some(collation.value.clone());
        let implied = charset_of(&collation.value).map(folded_charset);
        of.charset = of.charset.take().or(implied);
    }
    if of.charset.as_deref() == Some("binary") {
        of.kind = match of.kind {
            TypeKind::Char => TypeKind::Binary,
            TypeKind::VarChar => TypeKind::VarBinary,
            TypeKind::TinyText => TypeKind::TinyBlob,
            TypeKind::Text => TypeKind::Blob,
            TypeKind::MediumText => TypeKind::MediumBlob,
            TypeKind::LongText => TypeKind::LongBlob,
            kind => kind,
        };
        if !of.kind.has_charset() {
            (of.charset, of.collation) = (None, None);
        }
    }
}

/// `utf8` is `utf8mb3` to the server.
fn folded_charset(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name == "utf8" { "utf8mb3".to_owned() } else { name }
}

/// A type alone, as the server tells it.
pub fn type_alone(text: &str) -> Option<ColumnType> {
    let span = Span::new(0, text.len());
    let mut reader = Reader::new(text, tokens::tokens(text, span)?, span);
    let (_, column_type, ..) = data_type(&mut reader).ok()?;
    Some(column_type)
}

/// A default alone, as the server tells it.
pub fn default_alone(text: &str) -> Option<DefaultValue> {
    let span = Span::new(0, text.len());
    let mut reader = Reader::new(text, tokens::tokens(text, span)?, span);
    let value = default_value(&mut reader).ok()?;
    // `1 + 1` and the like begin with a value.
    Some(if reader.is_end() { value } else { DefaultValue::Expression(text.to_owned()) })
}

/// The words, the type, its place, and the place of its brackets.
fn data_type(reader: &mut Reader<'_>) -> Read<(String, ColumnType, Span, Option<Span>)> {
    let start = reader.here().start;
    let word = match reader.token() {
        Token::Word(word) if word.quote_style.is_none() => word.value.to_ascii_lowercase(),
        _ => return reader.unread(),
    };
    let mariadb = MARIADB_TYPES.contains(&word.as_str());
    if !mariadb && !TYPES.contains(&word.as_str()) {
        return reader.unread();
    }
    reader.step();
    match word.as_str() {
        "uuid" => reader.uses(Feature::UuidType, start),
        "inet6" => reader.uses(Feature::Inet6Type, start),
        "inet4" => reader.uses(Feature::Inet4Type, start),
        "vector" => reader.uses(Feature::VectorType, start),
        _ if mariadb => reader.only_in(Family::MariaDb, start),
        _ => {}
    }
    let full = type_words(reader, &word)?;
    let mut of = ColumnType { kind: TypeKind::of_words(&full), ..ColumnType::default() };
    let mut words = word;
    let mut brackets = None;
    if reader.is_sign(&Token::LParen) {
        let (span, numbers, members) = in_brackets(reader)?;
        let length = span.of(reader.text);
        words.extend(length.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase));
        brackets = Some(span);
        (of.length, of.decimals) = numbers;
        of.members = members;
    }
    loop {
        if reader.take("unsigned") {
            words.push_str(" unsigned");
            of.unsigned = true;
        } else if reader.take("zerofill") {
            (of.unsigned, of.zerofill) = (true, true);
        } else if reader.take("ascii") {
            of.charset = Some("latin1".to_owned());
        } else if reader.take("unicode") {
            of.charset = Some("ucs2".to_owned());
        } else if reader.take("byte") {
            of.charset = Some("binary".to_owned());
        } else if !reader.take_one(&["signed", "binary"]) {
            break;
        }
    }
    if full.starts_with('n') && of.kind.has_charset() {
        of.charset = Some("utf8mb3".to_owned());
    }
    usual(&mut of, &full);
    Ok((words, of, reader.since(start), brackets))
}

/// All words of the type's name; the first is read already.
fn type_words(reader: &mut Reader<'_>, first: &str) -> Read<String> {
    let mut words = first.to_owned();
    let mut then = |reader: &mut Reader<'_>, all: &[&str]| {
        let word = all.iter().find(|word| reader.take(word));
        if let Some(word) = word {
            words.push(' ');
            words.push_str(word);
        }
        word.is_some()
    };
    match first {
        "double" => _ = then(reader, &["precision"]),
        "char" | "character" => _ = then(reader, &["varying"]),
        "nchar" => _ = then(reader, &["varchar", "varying"]),
        "long" => _ = then(reader, &["varchar", "varbinary"]),
        "national" => {
            if !then(reader, &["char", "character", "varchar"]) {
                return reader.unread();
            }
            then(reader, &["varying"]);
        }
        _ => {}
    }
    Ok(words)
}

/// `(10)`, `(10, 2)`, `('a', 'b')`: where, the numbers, the members.
type InBrackets = (Span, (Option<u64>, Option<u64>), Vec<String>);

fn in_brackets(reader: &mut Reader<'_>) -> Read<InBrackets> {
    let start = reader.here().start;
    reader.need_sign(&Token::LParen)?;
    let (mut numbers, mut members) = (Vec::new(), Vec::new());
    let mut depth = 1_usize;
    while depth > 0 {
        match reader.token() {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            Token::EOF => return reader.unread(),
            Token::Number(digits, _) => numbers.push(digits.parse().unwrap_or(u64::MAX)),
            Token::SingleQuotedString(text) => members.push(unescaped(text, '\'')),
            Token::DoubleQuotedString(text) => members.push(unescaped(text, '"')),
            _ => {}
        }
        reader.step();
    }
    let numbers = (numbers.first().copied(), numbers.get(1).copied());
    Ok((reader.since(start), numbers, members))
}

/// What is understood where nothing is written.
fn usual(of: &mut ColumnType, words: &str) {
    match of.kind {
        TypeKind::TinyInt if words.starts_with("bool") => of.length = Some(1),
        TypeKind::BigInt if words == "serial" => of.unsigned = true,
        TypeKind::Decimal => {
            of.length = of.length.filter(|digits| *digits > 0).or(Some(10));
            of.decimals = of.decimals.or(Some(0));
        }
        TypeKind::Float if of.decimals.is_none() => {
            if of.length.is_some_and(|bits| bits > 24) {
                of.kind = TypeKind::Double;
            }
            of.length = None;
        }
        TypeKind::Char | TypeKind::Binary | TypeKind::Bit => of.length = of.length.or(Some(1)),
        TypeKind::Year => of.length = None,
        _ => {}
    }
}

/// One attribute; `false` when the next token begins none.
fn attribute(reader: &mut Reader<'_>, column: &mut ColumnDef) -> Read<bool> {
    let start = reader.here().start;
    if reader.take_all(&["not", "null"]) {
        column.nullable = false;
        column.null = Some(Written { value: false, span: reader.since(start) });
    } else if reader.take("null") {
        column.null = Some(Written { value: true, span: reader.since(start) });
    } else if let Some(charset) = character_set(reader)? {
        column.charset = Some(charset);
    } else if reader.take("default") {
        let value = default_value(reader)?;
        column.default = Some(Written { value, span: reader.since(start) });
        column.has_default = true;
    } else if reader.take_all(&["on", "update"]) {
        let value = default_value(reader)?;
        column.on_update = Some(Written { value, span: reader.since(start) });
    } else if reader.take("auto_increment") {
        column.has_default = true;
        column.auto_increment = Some(reader.since(start));
    } else if reader.take("unique") {
        reader.take("key");
        column.key.get_or_insert(KeyKind::Unique);
    } else if reader.take_all(&["primary", "key"]) || reader.take("key") {
        column.key = Some(KeyKind::Primary);
        column.nullable = false;
    } else if reader.take("comment") {
        let value = text(reader)?;
        column.comment = Some(Written { value, span: reader.since(start) });
    } else if reader.take("collate") {
        let value = option_word(reader)?.to_ascii_lowercase();
        column.collation = Some(Written { value, span: reader.since(start) });
    } else {
        return rarer_attribute(reader, column, start);
    }
    Ok(true)
}

fn rarer_attribute(reader: &mut Reader<'_>, column: &mut ColumnDef, start: usize) -> Read<bool> {
    if reader.take_one(&["column_format", "storage"]) {
        reader.name()?;
    } else if reader.take_one(&["engine_attribute", "secondary_engine_attribute"]) {
        reader.take_sign(&Token::Eq);
        reader.string()?;
        reader.only_in(Family::MySql, start);
    } else if reader.take("invisible") {
        column.invisible = true;
        reader.uses(Feature::InvisibleColumn, start);
    } else if reader.take("visible") {
        column.invisible = false;
        reader.uses(Feature::VisibleColumn, start);
    } else if reader.take("compressed") {
        reader.only_in(Family::MariaDb, start);
    } else if reader.take_all(&["without", "system", "versioning"])
        || reader.take_all(&["with", "system", "versioning"])
    {
        reader.uses(Feature::SystemVersioning, start);
    } else if reader.take_all(&["generated", "always", "as"]) || reader.take("as") {
        generated(reader, column)?;
    } else if reader.take("references") {
        column.references = Some(reference(reader)?);
    } else if reader.are(&["constraint"]) || reader.is("check") {
        check(reader)?;
    } else if reader.take_all(&["not", "secondary"]) {
        reader.only_in(Family::MySql, start);
    } else if reader.take_all(&["serial", "default", "value"]) {
        column.nullable = false;
        column.has_default = true;
        column.key.get_or_insert(KeyKind::Unique);
        column.auto_increment = Some(reader.since(start));
    } else if reader.is("srid") || reader.is("ref_system_id") {
        let srid = reader.is("srid");
        reader.step();
        reader.take_sign(&Token::Eq);
        reader.number()?;
        if srid {
            reader.uses(Feature::Srid, start);
        } else {
            reader.only_in(Family::MariaDb, start);
        }
    } else {
        return create::engine_option(reader);
    }
    Ok(true)
}

/// `CHARACTER SET x`, `CHARSET x`, `CHAR SET x`, where it stands.
fn character_set(reader: &mut Reader<'_>) -> Read<Option<Written<String>>> {
    let start = reader.here().start;
    let there =
        reader.take_all(&["character", "set"]) || reader.take("charset") || reader.take_all(&["char", "set"]);
    if !there {
        return Ok(None);
    }
    let value = option_word(reader)?.to_ascii_lowercase();
    let span = reader.since(start);
    reader.take("binary");
    Ok(Some(Written { value, span }))
}

/// A word or a quoted text.
fn option_word(reader: &mut Reader<'_>) -> Read<String> {
    if let Ok(text) = reader.string() {
        return Ok(text);
    }
    reader.name().map(|name| name.text)
}

/// A text in quotes: its value.
pub fn text(reader: &mut Reader<'_>) -> Read<String> {
    let quote = if matches!(reader.token(), Token::DoubleQuotedString(_)) { '"' } else { '\'' };
    reader.string().map(|raw| unescaped(&raw, quote))
}

/// A literal, `CURRENT_TIMESTAMP`, a function call, or an expression in brackets.
pub fn default_value(reader: &mut Reader<'_>) -> Read<DefaultValue> {
    const NOW: [&str; 4] = ["current_timestamp", "now", "localtime", "localtimestamp"];
    let start = reader.here().start;
    if reader.is_sign(&Token::LParen) {
        let span = reader.balanced()?;
        reader.uses(Feature::ExpressionDefault, start);
        return Ok(DefaultValue::Expression(span.of(reader.text).to_owned()));
    }
    if !reader.take_sign(&Token::Minus) {
        reader.take_sign(&Token::Plus);
    }
    let mut word_alone = None;
    match reader.token() {
        Token::Number(..)
        | Token::HexStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_) => reader.step(),
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => return strings(reader),
        Token::Word(word) if word.quote_style.is_none() => {
            let word = word.value.to_ascii_lowercase();
            reader.step();
            if (word == "next" || word == "previous") && reader.take_all(&["value", "for"]) {
                reader.table()?;
                reader.uses(Feature::Sequence, start);
                return Ok(DefaultValue::Expression(reader.since(start).of(reader.text).to_owned()));
            }
            match reader.token() {
                Token::LParen => {
                    let span = reader.balanced()?;
                    if NOW.contains(&word.as_str()) {
                        let digits: String =
                            span.of(reader.text).chars().filter(char::is_ascii_digit).collect();
                        return Ok(DefaultValue::Now(digits.parse().unwrap_or(0)));
                    }
                    // MySQL wants brackets around any other call.
                    reader.uses(Feature::CallAsDefault, start);
                    return Ok(DefaultValue::Expression(reader.since(start).of(reader.text).to_owned()));
                }
                // `_utf8mb4'text'`, `DATE '2020-01-01'`
                Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => {
                    return strings(reader);
                }
                // `_latin1 0xFF`, `_utf8mb4 b'01'`
                Token::HexStringLiteral(_) | Token::SingleQuotedByteStringLiteral(_)
                    if word.starts_with('_') =>
                {
                    reader.step();
                }
                _ => word_alone = Some(word),
            }
        }
        _ => return reader.unread(),
    }
    Ok(match word_alone.as_deref() {
        Some("null") => DefaultValue::Null,
        Some(word) if NOW.contains(&word) => DefaultValue::Now(0),
        _ => DefaultValue::Bare(reader.since(start).of(reader.text).to_owned()),
    })
}

/// Texts side by side are one text.
fn strings(reader: &mut Reader<'_>) -> Read<DefaultValue> {
    let mut all = text(reader)?;
    while let Ok(more) = text(reader) {
        all.push_str(&more);
    }
    Ok(DefaultValue::Text(all))
}

fn generated(reader: &mut Reader<'_>, column: &mut ColumnDef) -> Read<()> {
    column.has_default = true;
    column.generated = Some(Generated::Stored);
    let start = reader.here().start;
    if reader.take_all(&["row", "start"]) || reader.take_all(&["row", "end"]) {
        reader.uses(Feature::SystemVersioning, start);
        return Ok(());
    }
    reader.balanced()?;
    let start = reader.here().start;
    if reader.take("persistent") {
        reader.uses(Feature::Persistent, start);
    } else if !reader.take("stored") {
        reader.take("virtual");
        column.generated = Some(Generated::Virtual);
    }
    Ok(())
}

/// What follows `REFERENCES`.
pub fn reference(reader: &mut Reader<'_>) -> Read<Reference> {
    let start = reader.here().start;
    let mut reference = Reference {
        table: reader.table()?,
        columns: Vec::new(),
        on_delete: ForeignAction::Restrict,
        on_update: ForeignAction::Restrict,
        span: reader.here(),
    };
    if reader.is_sign(&Token::LParen) {
        reference.columns = reader.bracketed_names()?;
    }
    loop {
        if reader.take("match") {
            if !reader.take_one(&["full", "partial", "simple"]) {
                return reader.unread();
            }
        } else if reader.take_all(&["on", "delete"]) {
            reference.on_delete = foreign_action(reader)?;
        } else if reader.take_all(&["on", "update"]) {
            reference.on_update = foreign_action(reader)?;
        } else {
            reference.span = reader.since(start);
            return Ok(reference);
        }
    }
}

fn foreign_action(reader: &mut Reader<'_>) -> Read<ForeignAction> {
    if reader.take("restrict") || reader.take_all(&["no", "action"]) {
        Ok(ForeignAction::Restrict)
    } else if reader.take("cascade") {
        Ok(ForeignAction::Cascade)
    } else if reader.take_all(&["set", "null"]) {
        Ok(ForeignAction::SetNull)
    } else if reader.take_all(&["set", "default"]) {
        Ok(ForeignAction::SetDefault)
    } else {
        reader.unread()
    }
}

/// `[CONSTRAINT [name]] CHECK (…) [[NOT] ENFORCED]`.
pub fn check(reader: &mut Reader<'_>) -> Read<()> {
    if reader.take("constraint") && !reader.is("check") {
        reader.name()?;
    }
    reader.need("check")?;
    reader.balanced()?;
    let start = reader.here().start;
    if reader.take("enforced") || reader.take_all(&["not", "enforced"]) {
        reader.uses(Feature::Enforced, start);
    }
    Ok(())
}
