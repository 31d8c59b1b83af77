//! A column's values as text: read from the server, written into SQL and compared there, each without any loss.
//!
//! In a session with `time_zone = '+00:00'` and an `sql_mode` that lets zero dates pass ([`SESSION`]).

use crate::lack::Lack;
use dbdesk_review::{
    facts::Column,
    types::{ColumnType, TypeKind},
};
use serde::{Deserialize, Serialize};

/// What reads and what restores runs in a session like this: times mean the same wherever the server is, zero dates and dates such as
/// the 31st of February pass, a 0 is not taken for the next number, and a `CHAR` loses no blanks that it has.
pub const SESSION: &str = "SET SESSION time_zone = '+00:00', character_set_results = 'utf8mb4', \
     sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'";

/// How a value goes through text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Digits: whole numbers, decimals, years.
    Number,
    /// The shortest digits that come back to the same `DOUBLE`; a `FLOAT` is one, too.
    Real,
    /// The number that the bits are.
    Bits,
    /// A `TIMESTAMP`, as seconds since 1970: no time zone comes in between.
    Stamp,
    /// Other dates and times, and what is else written between quotes without anything to escape.
    Plain,
    /// The bytes of a text in hex, with its character set.
    Text {
        /// As the server names it.
        charset: String,
        /// The empty text is no member of its `ENUM`: only an error could have put it there.
        empty_is_an_error: bool,
    },
    /// Bytes in hex.
    Bytes,
    /// `MySQL`'s JSON: its text in hex.
    Json,
    /// A geometry or vector, in the server's own bytes, in hex.
    Opaque,
}

/// A column whose values are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// How its values go through text.
    pub form: Form,
    /// `ON UPDATE CURRENT_TIMESTAMP`: changes by itself unless it is set.
    pub on_update: bool,
}

/// A name between backquotes.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// A table's name with its database, between backquotes.
#[must_use]
pub fn full_name(database: &str, table: &str) -> String {
    format!("{}.{}", quoted(database), quoted(table))
}

impl Field {
    /// That of a column; `None` where the server works its values out from others.
    pub fn of(table: &str, column: &Column, is_mariadb: bool) -> Result<Option<Self>, Lack> {
        if column.generated.is_some() {
            return Ok(None);
        }
        let form = form(&column.column_type, is_mariadb);
        let form = form.ok_or_else(|| Lack::Type { table: table.to_owned(), column: column.name.clone() })?;
        Ok(Some(Self { name: column.name.clone(), form, on_update: column.on_update }))
    }

    /// What reads it, of the table that is called `of`.
    #[must_use]
    pub fn read(&self, of: &str) -> String {
        let column = format!("{of}.{}", quoted(&self.name));
        match self.form {
            Form::Number | Form::Plain => format!("CAST({column} AS CHAR)"),
            Form::Stamp => format!("CAST(UNIX_TIMESTAMP({column}) AS CHAR)"),
            // Not `+ 0`: that makes 0 of -0. And no `CAST`: MySQL's has room for 22 characters only, and rounds.
            Form::Real => format!("{column} * 1e0"),
            Form::Bits => format!("CAST(CAST({column} AS UNSIGNED) AS CHAR)"),
            Form::Text { .. } | Form::Bytes | Form::Opaque => format!("HEX({column})"),
            Form::Json => format!("HEX(CAST({column} AS CHAR CHARACTER SET utf8mb4))"),
        }
    }

    /// A value as SQL writes it.
    #[must_use]
    pub fn literal(&self, value: Option<&str>) -> String {
        let Some(value) = value else { return "NULL".to_owned() };
        match &self.form {
            Form::Number | Form::Bits => value.to_owned(),
            Form::Real => real(value),
            // 1970 itself can not be kept: 0 is the time that is none.
            Form::Stamp if value.bytes().all(|byte| matches!(byte, b'0' | b'.')) => {
                "'0000-00-00 00:00:00'".to_owned()
            }
            Form::Stamp => format!("FROM_UNIXTIME({value})"),
            Form::Plain => format!("'{value}'"),
            Form::Text { empty_is_an_error: true, .. } if value.is_empty() => "0".to_owned(),
            Form::Text { charset, .. } => format!("_{charset} X'{value}'"),
            Form::Bytes | Form::Opaque => format!("X'{value}'"),
            Form::Json => format!("CAST(_utf8mb4 X'{value}' AS JSON)"),
        }
    }

    /// A condition that a row has exactly this value: in every byte, whatever its collation takes for equal.
    #[must_use]
    pub fn is(&self, value: Option<&str>) -> String {
        let column = quoted(&self.name);
        let Some(text) = value else { return format!("{column} IS NULL") };
        match self.form {
            Form::Stamp => format!("UNIX_TIMESTAMP({column}) = {text}"),
            Form::Number | Form::Real | Form::Bits | Form::Plain | Form::Bytes => {
                format!("{column} = {}", self.literal(value))
            }
            Form::Text { .. } => format!("CAST({column} AS BINARY) = X'{text}'"),
            Form::Json => format!("CAST(CAST({column} AS CHAR CHARACTER SET utf8mb4) AS BINARY) = X'{text}'"),
            Form::Opaque => format!("HEX({column}) = '{text}'"),
        }
    }

    /// Whether this can be a value that the server told: nothing else may be written into SQL.
    #[must_use]
    pub fn is_sound(&self, value: &str) -> bool {
        let all = |allowed: &str| {
            value.bytes().all(|byte| byte.is_ascii_digit() || allowed.as_bytes().contains(&byte))
        };
        match self.form {
            Form::Number | Form::Bits | Form::Stamp => !value.is_empty() && all("-."),
            Form::Real => !value.is_empty() && all("-+.eE"),
            Form::Plain => value.bytes().all(|byte| byte.is_ascii_hexdigit() || b"-:. ".contains(&byte)),
            Form::Text { .. } | Form::Bytes | Form::Json | Form::Opaque => {
                value.len().is_multiple_of(2) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
        }
    }
}

/// Written as a `DOUBLE`, never as a decimal.
fn real(value: &str) -> String {
    if value.contains(['e', 'E']) { value.to_owned() } else { format!("{value}e0") }
}

fn form(column: &ColumnType, is_mariadb: bool) -> Option<Form> {
    let text = || {
        let charset = column.charset.clone()?;
        let empty_is_an_error = column.kind == TypeKind::Enum && !column.members.iter().any(String::is_empty);
        Some(if charset == "binary" { Form::Bytes } else { Form::Text { charset, empty_is_an_error } })
    };
    Some(match column.kind {
        TypeKind::TinyInt
        | TypeKind::SmallInt
        | TypeKind::MediumInt
        | TypeKind::Int
        | TypeKind::BigInt
        | TypeKind::Decimal
        | TypeKind::Year => Form::Number,
        TypeKind::Float | TypeKind::Double => Form::Real,
        TypeKind::Timestamp => Form::Stamp,
        TypeKind::Bit => Form::Bits,
        TypeKind::Date
        | TypeKind::Time
        | TypeKind::DateTime
        | TypeKind::Inet4
        | TypeKind::Inet6
        | TypeKind::Uuid => Form::Plain,
        TypeKind::Char
        | TypeKind::VarChar
        | TypeKind::TinyText
        | TypeKind::Text
        | TypeKind::MediumText
        | TypeKind::LongText
        | TypeKind::Enum
        | TypeKind::Set => return text(),
        TypeKind::Json if is_mariadb => return text(),
        TypeKind::Json => Form::Json,
        TypeKind::Binary
        | TypeKind::VarBinary
        | TypeKind::TinyBlob
        | TypeKind::Blob
        | TypeKind::MediumBlob
        | TypeKind::LongBlob => Form::Bytes,
        TypeKind::Spatial | TypeKind::Vector => Form::Opaque,
        TypeKind::Other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(form: Form) -> Field {
        Field { name: "a`b".into(), form, on_update: false }
    }

    #[test]
    fn a_value_is_read_written_and_compared_by_its_form() {
        let text = Form::Text { charset: "latin1".into(), empty_is_an_error: true };
        let lines: Vec<String> = [
            (Form::Number, Some("-7.50")),
            (Form::Real, Some("-0")),
            (Form::Real, Some("1e100")),
            (Form::Bits, Some("255")),
            (Form::Stamp, Some("1600000000.123456")),
            (Form::Stamp, Some("0.000")),
            (Form::Plain, Some("0000-00-00 00:00:00.000000")),
            (text.clone(), Some("E9")),
            (text, Some("")),
            (Form::Bytes, Some("00FF")),
            (Form::Json, Some("7B7D")),
            (Form::Opaque, Some("00")),
            (Form::Bytes, None),
        ]
        .into_iter()
        .map(|(form, value)| {
            let field = field(form);
            format!("{} │ {} │ {}", field.read("t"), field.literal(value), field.is(value))
        })
        .collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_no_server_would_tell_is_not_written_into_sql() {
        for (form, value) in [
            (Form::Number, "1 OR 1"),
            (Form::Number, ""),
            (Form::Real, "inf"),
            (Form::Plain, "' OR '"),
            (Form::Bytes, "0"),
            (Form::Json, "zz"),
        ] {
            assert!(!field(form.clone()).is_sound(value), "{form:?} {value}");
        }
        assert!(field(Form::Real).is_sound("-1.5e-10"));
    }
}
