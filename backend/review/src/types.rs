//! Column types, taken apart: the same data whether a statement wrote them or the server told them.

use crate::span::Span;
use serde::{Deserialize, Serialize};

/// What a type is, whatever it was called: `integer` is `Int`, `bool` is `TinyInt`, `numeric` is `Decimal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are SQL's own")]
pub enum TypeKind {
    TinyInt,
    SmallInt,
    MediumInt,
    Int,
    BigInt,
    Decimal,
    Float,
    Double,
    Bit,
    Date,
    Time,
    DateTime,
    Timestamp,
    Year,
    Char,
    VarChar,
    Binary,
    VarBinary,
    TinyText,
    Text,
    MediumText,
    LongText,
    TinyBlob,
    Blob,
    MediumBlob,
    LongBlob,
    Enum,
    Set,
    Json,
    /// `POINT`, `GEOMETRY` and their like.
    Spatial,
    Inet4,
    Inet6,
    Uuid,
    Vector,
    /// Not known.
    #[default]
    Other,
}

/// A column's type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnType {
    /// What it is.
    pub kind: TypeKind,
    /// Characters, bytes, bits or digits; of an integer its display width, of a time its digits below the second.
    pub length: Option<u64>,
    /// Digits after the point, where they are told.
    pub decimals: Option<u64>,
    /// `UNSIGNED`.
    pub unsigned: bool,
    /// `ZEROFILL`.
    pub zerofill: bool,
    /// What an `ENUM` or `SET` may hold, without quotes.
    pub members: Vec<String>,
    /// Character set in lower case, where it is known: written, told by the server, or the table's.
    pub charset: Option<String>,
    /// Collation in lower case, likewise.
    pub collation: Option<String>,
}

/// Something and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    /// What.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// A column's default.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultValue {
    /// `NULL`.
    Null,
    /// A text, without its quotes.
    Text(String),
    /// A number, `TRUE`, `x'1F'` …, as written.
    Bare(String),
    /// `CURRENT_TIMESTAMP` and its other names, with so many digits below the second.
    Now(u64),
    /// An expression, as written.
    Expression(String),
}

/// How a column gets its value from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Generated {
    /// Worked out when it is read.
    Virtual,
    /// Kept.
    Stored,
}

/// How an index is built, where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// `BTREE`.
    BTree,
    /// `HASH`.
    Hash,
    /// `RTREE`.
    RTree,
}

/// What becomes of the rows that refer to one that goes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignAction {
    /// `RESTRICT`, `NO ACTION`, or nothing written: the change is refused.
    #[default]
    Restrict,
    /// `CASCADE`.
    Cascade,
    /// `SET NULL`.
    SetNull,
    /// `SET DEFAULT`, which InnoDB refuses.
    SetDefault,
}

impl DefaultValue {
    /// From a text such as `current_timestamp()` or `'a'`; `None` where it is not understood.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        crate::read::default_value(text)
    }
}

impl TypeKind {
    /// The kind that a type's first words mean, such as `int` or `double precision`.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        match words {
            "tinyint" | "int1" | "bool" | "boolean" => Self::TinyInt,
            "smallint" | "int2" => Self::SmallInt,
            "mediumint" | "int3" | "middleint" => Self::MediumInt,
            "int" | "integer" | "int4" => Self::Int,
            "bigint" | "int8" | "serial" => Self::BigInt,
            "decimal" | "dec" | "numeric" | "fixed" | "number" => Self::Decimal,
            "float" | "float4" => Self::Float,
            "double" | "double precision" | "float8" | "real" => Self::Double,
            "bit" => Self::Bit,
            "date" => Self::Date,
            "time" => Self::Time,
            "datetime" => Self::DateTime,
            "timestamp" => Self::Timestamp,
            "year" => Self::Year,
            "char" | "character" | "nchar" | "national char" | "national character" => Self::Char,
            "varchar"
            | "varcharacter"
            | "varchar2"
            | "nvarchar"
            | "char varying"
            | "character varying"
            | "nchar varchar"
            | "nchar varying"
            | "national varchar"
            | "national char varying"
            | "national character varying" => Self::VarChar,
            "binary" => Self::Binary,
            "varbinary" | "raw" => Self::VarBinary,
            "tinytext" => Self::TinyText,
            "text" => Self::Text,
            "mediumtext" | "long" | "long varchar" => Self::MediumText,
            "longtext" | "clob" => Self::LongText,
            "tinyblob" => Self::TinyBlob,
            "blob" => Self::Blob,
            "mediumblob" | "long varbinary" => Self::MediumBlob,
            "longblob" => Self::LongBlob,
            "enum" => Self::Enum,
            "set" => Self::Set,
            "json" => Self::Json,
            "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
            | "multipolygon" | "geometrycollection" | "geomcollection" => Self::Spatial,
            "inet4" => Self::Inet4,
            "inet6" => Self::Inet6,
            "uuid" => Self::Uuid,
            "vector" => Self::Vector,
            _ => Self::Other,
        }
    }

    /// The bytes of an integer type.
    #[must_use]
    pub fn integer_bytes(self) -> Option<u8> {
        Some(match self {
            Self::TinyInt => 1,
            Self::SmallInt => 2,
            Self::MediumInt => 3,
            Self::Int => 4,
            Self::BigInt => 8,
            _ => return None,
        })
    }

    /// `TINYINT` to `BIGINT`.
    #[must_use]
    pub fn is_integer(self) -> bool {
        self.integer_bytes().is_some()
    }

    /// A number of any sort.
    #[must_use]
    pub fn is_number(self) -> bool {
        self.is_integer() || matches!(self, Self::Decimal | Self::Float | Self::Double)
    }

    /// `TEXT` of any size.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::TinyText | Self::Text | Self::MediumText | Self::LongText)
    }

    /// `BLOB` of any size.
    #[must_use]
    pub fn is_blob(self) -> bool {
        matches!(self, Self::TinyBlob | Self::Blob | Self::MediumBlob | Self::LongBlob)
    }

    /// Of characters, so that it has a character set.
    #[must_use]
    pub fn has_charset(self) -> bool {
        matches!(self, Self::Char | Self::VarChar | Self::Enum | Self::Set) || self.is_text()
    }

    /// The most bytes that a value of a `TEXT` or `BLOB` may have.
    #[must_use]
    pub fn most_bytes(self) -> Option<u64> {
        Some(match self {
            Self::TinyText | Self::TinyBlob => 255,
            Self::Text | Self::Blob => 65_535,
            Self::MediumText | Self::MediumBlob => 16_777_215,
            Self::LongText | Self::LongBlob => u64::from(u32::MAX),
            _ => return None,
        })
    }
}

impl ColumnType {
    /// From a text such as `bigint(20) unsigned` or `enum('a','b')`, as the server tells it; `None` where it is not
    /// understood.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        crate::read::column_type(text)
    }

    /// Whether both hold the same values. The display width of an integer makes no difference, nor do charset and
    /// collation.
    #[must_use]
    pub fn holds_as(&self, other: &Self) -> bool {
        let length =
            |one: &Self| if one.kind.is_integer() { None } else { one.length.filter(|length| *length > 0) };
        self.kind == other.kind
            && self.unsigned == other.unsigned
            && length(self) == length(other)
            && self.decimals.unwrap_or(0) == other.decimals.unwrap_or(0)
            && self.members == other.members
    }

    /// Bytes that the column takes in an index, at most `prefix` characters of it; `charset_bytes` is what a character
    /// may take where the character set is not known. `None` where it is not known.
    #[must_use]
    pub fn key_bytes(&self, prefix: Option<u32>, charset_bytes: u64) -> Option<u64> {
        let per_char = self.charset.as_deref().map_or(charset_bytes, bytes_per_char);
        let chars = |length: u64| prefix.map_or(length, |prefix| length.min(u64::from(prefix)));
        Some(match self.kind {
            TypeKind::Char | TypeKind::VarChar => chars(self.length?).saturating_mul(per_char),
            TypeKind::Binary | TypeKind::VarBinary => chars(self.length?),
            kind if kind.is_text() => u64::from(prefix?).saturating_mul(per_char),
            kind if kind.is_blob() => u64::from(prefix?),
            TypeKind::Decimal => {
                let (all, after) = (self.length.unwrap_or(10), self.decimals.unwrap_or(0));
                let half = |digits: u64| digits / 9 * 4 + (digits % 9).div_ceil(2);
                half(all.saturating_sub(after)) + half(after)
            }
            TypeKind::Float | TypeKind::Inet4 => 4,
            TypeKind::Double => 8,
            TypeKind::Bit => self.length.unwrap_or(1).div_ceil(8),
            TypeKind::Date => 3,
            TypeKind::Time => 3 + self.length.unwrap_or(0).div_ceil(2),
            TypeKind::DateTime => 5 + self.length.unwrap_or(0).div_ceil(2),
            TypeKind::Timestamp => 4 + self.length.unwrap_or(0).div_ceil(2),
            TypeKind::Year => 1,
            TypeKind::Enum => {
                if self.members.len() > 255 {
                    2
                } else {
                    1
                }
            }
            TypeKind::Set => (self.members.len() as u64).div_ceil(8).next_power_of_two().min(8),
            TypeKind::Inet6 | TypeKind::Uuid => 16,
            kind => u64::from(kind.integer_bytes()?),
        })
    }
}

/// The most bytes that one character takes.
#[must_use]
pub fn bytes_per_char(charset: &str) -> u64 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8" | "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "gbk" | "gb2312" | "big5" | "sjis" | "cp932" | "euckr" => 2,
        _ => 1,
    }
}

/// The character set that a collation belongs to: `latin1` of `latin1_swedish_ci`.
#[must_use]
pub fn charset_of(collation: &str) -> Option<&str> {
    match collation.split_once('_') {
        // MariaDB's `uca1400_ai_ci` is of the charset that stands beside it.
        Some(("uca1400", _)) => None,
        Some((charset, _)) => Some(charset),
        None if collation == "binary" => Some("binary"),
        None => None,
    }
}

/// A text literal's value: what stands between the quotes, with doubled quotes and backslashes resolved.
#[must_use]
pub fn unescaped(raw: &str, quote: char) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut letters = raw.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('0') => out.push('\0'),
                Some('b') => out.push('\u{8}'),
                Some('Z') => out.push('\u{1a}'),
                Some(other) => out.push(other),
                None => {}
            },
            letter if letter == quote => {
                letters.next_if_eq(&quote);
                out.push(quote);
            }
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> ColumnType {
        ColumnType::of(text).unwrap_or_else(|| panic!("{text} is not understood"))
    }

    #[test]
    fn a_type_is_the_same_whatever_it_is_called() {
        for (left, right) in [
            ("INT(11)", "integer"),
            ("bool", "tinyint(1)"),
            ("NUMERIC", "decimal(10, 0)"),
            ("dec(5)", "DECIMAL(5,0)"),
            ("character varying(20)", "varchar(20)"),
            ("national char(3)", "char(3)"),
            ("double precision", "DOUBLE"),
            ("float(30)", "double"),
            ("int zerofill", "int(10) unsigned zerofill"),
            ("datetime(0)", "datetime"),
            ("year(4)", "year"),
            ("long", "mediumtext"),
        ] {
            assert!(of(left).holds_as(&of(right)), "{left}: {:?}\n{right}: {:?}", of(left), of(right));
        }
        for (left, right) in [
            ("int", "int unsigned"),
            ("varchar(20)", "varchar(21)"),
            ("decimal(10,2)", "decimal(10,1)"),
            ("enum('a','B')", "enum('a','b')"),
            ("datetime(3)", "datetime"),
        ] {
            assert!(!of(left).holds_as(&of(right)), "{left} {right}");
        }
        assert_eq!(of("enum('a''b','c\\\\d')").members, ["a'b", "c\\d"]);
        assert_eq!(ColumnType::of("whatever(3)"), None);
    }

    #[test]
    fn a_column_takes_so_many_bytes_in_an_index() {
        for (text, prefix, bytes) in [
            ("varchar(255)", None, Some(1020)),
            ("varchar(255)", Some(100), Some(400)),
            ("char(10)", Some(100), Some(40)),
            ("varbinary(255)", None, Some(255)),
            ("text", None, None),
            ("text", Some(10), Some(40)),
            ("blob", Some(10), Some(10)),
            ("decimal(10,2)", None, Some(5)),
            ("decimal(18,9)", None, Some(8)),
            ("datetime(6)", None, Some(8)),
            ("bigint", None, Some(8)),
            ("set('a','b','c')", None, Some(1)),
            ("json", None, None),
        ] {
            assert_eq!(of(text).key_bytes(prefix, 4), bytes, "{text} {prefix:?}");
        }
    }
}
