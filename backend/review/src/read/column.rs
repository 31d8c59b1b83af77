//! Column definitions.

use super::reader::{Read, Reader};
use crate::{
    facts::KeyKind,
    flavour::Family,
    shape::{ColumnDef, Name},
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

/// `type attributes`, the name being read already.
pub fn after_name(reader: &mut Reader<'_>, name: Name) -> Read<ColumnDef> {
    let data_type = data_type(reader)?;
    let serial = data_type == "serial";
    let start = name.span.start;
    let mut column = ColumnDef {
        name,
        nullable: !serial,
        has_default: serial,
        key: serial.then_some(KeyKind::Unique),
        data_type,
        span: reader.since(start),
    };
    while attribute(reader, &mut column)? {}
    column.span = reader.since(start);
    Ok(column)
}

fn data_type(reader: &mut Reader<'_>) -> Read<String> {
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
    if mariadb {
        reader.only_in(Family::MariaDb, start);
    }
    match word.as_str() {
        "double" => _ = reader.take("precision"),
        "char" | "character" => _ = reader.take("varying"),
        "nchar" => _ = reader.take_one(&["varchar", "varying"]),
        "long" => _ = reader.take_one(&["varchar", "varbinary"]),
        "national" => {
            if !reader.take_one(&["char", "character", "varchar"]) {
                return reader.unread();
            }
            reader.take("varying");
        }
        _ => {}
    }
    let mut words = word;
    if reader.is_sign(&Token::LParen) {
        let length = reader.balanced()?.of(reader.text);
        words.extend(length.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase));
    }
    loop {
        if reader.take("unsigned") {
            words.push_str(" unsigned");
        } else if !reader.take_one(&["signed", "zerofill", "ascii", "unicode", "byte", "binary"]) {
            break;
        }
    }
    Ok(words)
}

/// One attribute; `false` when the next token begins none.
fn attribute(reader: &mut Reader<'_>, column: &mut ColumnDef) -> Read<bool> {
    let start = reader.here().start;
    if reader.take_all(&["not", "null"]) {
        column.nullable = false;
    } else if reader.take("null") || character_set(reader)? {
    } else if reader.take("default") {
        default_value(reader)?;
        column.has_default = true;
    } else if reader.take_all(&["on", "update"]) {
        default_value(reader)?;
    } else if reader.take("auto_increment") {
        column.has_default = true;
    } else if reader.take("unique") {
        reader.take("key");
        column.key.get_or_insert(KeyKind::Unique);
    } else if reader.take_all(&["primary", "key"]) || reader.take("key") {
        column.key = Some(KeyKind::Primary);
        column.nullable = false;
    } else if reader.take("comment") {
        reader.string()?;
    } else if reader.take("collate") {
        option_word(reader)?;
    } else if reader.take_one(&["column_format", "storage"]) {
        reader.name()?;
    } else if reader.take_one(&["engine_attribute", "secondary_engine_attribute"]) {
        reader.take_sign(&Token::Eq);
        reader.string()?;
        reader.only_in(Family::MySql, start);
    } else if reader.take_one(&["visible", "invisible"]) {
    } else if reader.take("compressed")
        || reader.take_all(&["without", "system", "versioning"])
        || reader.take_all(&["with", "system", "versioning"])
    {
        reader.only_in(Family::MariaDb, start);
    } else if reader.take_all(&["generated", "always", "as"]) || reader.take("as") {
        generated(reader, column)?;
    } else if reader.take("references") {
        reference(reader)?;
    } else if reader.are(&["constraint"]) || reader.is("check") {
        check(reader)?;
    } else if reader.take("srid") || reader.take("ref_system_id") {
        reader.take_sign(&Token::Eq);
        reader.number()?;
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// `CHARACTER SET x`, `CHARSET x`, `CHAR SET x`; `false` when it is none of them.
fn character_set(reader: &mut Reader<'_>) -> Read<bool> {
    let there =
        reader.take_all(&["character", "set"]) || reader.take("charset") || reader.take_all(&["char", "set"]);
    if there {
        option_word(reader)?;
        reader.take("binary");
    }
    Ok(there)
}

/// A word or a quoted text.
fn option_word(reader: &mut Reader<'_>) -> Read<()> {
    if reader.string().is_ok() {
        return Ok(());
    }
    reader.name().map(drop)
}

/// A literal, `CURRENT_TIMESTAMP`, a function call, or an expression in brackets.
fn default_value(reader: &mut Reader<'_>) -> Read<()> {
    if reader.is_sign(&Token::LParen) {
        return reader.balanced().map(drop);
    }
    if !reader.take_sign(&Token::Minus) {
        reader.take_sign(&Token::Plus);
    }
    match reader.token() {
        Token::Number(..)
        | Token::HexStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_) => reader.step(),
        Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => strings(reader),
        Token::Word(word) if word.quote_style.is_none() => {
            reader.step();
            match reader.token() {
                Token::LParen => {
                    reader.balanced()?;
                }
                // `_utf8mb4'text'`, `DATE '2020-01-01'`
                Token::SingleQuotedString(_) | Token::DoubleQuotedString(_) => strings(reader),
                _ => {}
            }
        }
        _ => return reader.unread(),
    }
    Ok(())
}

/// Texts side by side are one text.
fn strings(reader: &mut Reader<'_>) {
    while reader.string().is_ok() {}
}

fn generated(reader: &mut Reader<'_>, column: &mut ColumnDef) -> Read<()> {
    column.has_default = true;
    let start = reader.here().start;
    if reader.take_all(&["row", "start"]) || reader.take_all(&["row", "end"]) {
        reader.only_in(Family::MariaDb, start);
        return Ok(());
    }
    reader.balanced()?;
    let start = reader.here().start;
    if reader.take("persistent") {
        reader.only_in(Family::MariaDb, start);
    } else {
        reader.take_one(&["virtual", "stored"]);
    }
    Ok(())
}

/// What follows `REFERENCES`.
pub fn reference(reader: &mut Reader<'_>) -> Read<()> {
    reader.table()?;
    if reader.is_sign(&Token::LParen) {
        reader.balanced()?;
    }
    loop {
        if reader.take("match") {
            if !reader.take_one(&["full", "partial", "simple"]) {
                return reader.unread();
            }
        } else if reader.take_all(&["on", "delete"]) || reader.take_all(&["on", "update"]) {
            let known = reader.take_one(&["restrict", "cascade"])
                || reader.take_all(&["set", "null"])
                || reader.take_all(&["no", "action"])
                || reader.take_all(&["set", "default"]);
            if !known {
                return reader.unread();
            }
        } else {
            return Ok(());
        }
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
        reader.only_in(Family::MySql, start);
    }
    Ok(())
}
