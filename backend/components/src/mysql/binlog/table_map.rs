//! What an event says of the table whose rows follow.

use super::bytes::Bytes;
use dbdesk_review::{
    facts::Column,
    types::{ColumnType, TypeKind},
};

/// A column as the log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kept {
    /// The server's number of its type.
    pub(super) code: u8,
    /// What else is told of it.
    pub(super) meta: [u8; 2],
}

/// A table as the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableMap<'a> {
    pub(super) database: &'a [u8],
    pub(super) table: &'a [u8],
    columns: usize,
    rest: &'a [u8],
}

/// The number by which rows name the table, and the table.
pub(super) fn read(event: &[u8]) -> Option<(u64, TableMap<'_>)> {
    let mut bytes = Bytes(event);
    let number = bytes.low_first(6)?;
    bytes.take(2)?;
    let database = bytes.behind_length(1)?;
    bytes.take(1)?;
    let table = bytes.behind_length(1)?;
    bytes.take(1)?;
    let columns = bytes.packed()?;
    Some((number, TableMap { database, table, columns, rest: bytes.0 }))
}

impl TableMap<'_> {
    /// Its columns; `None` where one has a type that is not known.
    pub(super) fn columns(&self) -> Option<Vec<Kept>> {
        let mut bytes = Bytes(self.rest);
        let codes = bytes.take(self.columns)?;
        let length = bytes.packed()?;
        let mut metas = Bytes(bytes.take(length)?);
        codes.iter().map(|code| kept(*code, &mut metas)).collect()
    }
}

fn kept(code: u8, metas: &mut Bytes<'_>) -> Option<Kept> {
    let length = match code {
        1..=3 | 8..=10 | 13 | 14 => 0,
        4 | 5 | 17..=19 | 242 | 245 | 249..=252 | 255 => 1,
        15 | 16 | 246..=248 | 253 | 254 => 2,
        _ => return None,
    };
    let meta = metas.take(length)?;
    let byte = |at: usize| meta.get(at).copied().unwrap_or_default();
    Some(Kept { code, meta: [byte(0), byte(1)] })
}

impl Kept {
    /// What a `CHAR` really is: its number, and the most bytes that it takes.
    pub(super) fn really(self) -> (u8, usize) {
        let [first, second] = self.meta;
        let (low, second) = (first & 0x30, usize::from(second));
        if low == 0x30 { (first, second) } else { (first | 0x30, second | usize::from(low ^ 0x30) << 4) }
    }

    /// Whether the column, as it is now, can be the one of the log.
    pub(super) fn fits(self, column: &Column, is_mariadb: bool) -> bool {
        let now = &column.column_type;
        let [first, second] = self.meta;
        let number = |length: Option<u64>, otherwise: u64| length.unwrap_or(otherwise);
        match now.kind {
            TypeKind::TinyInt => self.code == 1,
            TypeKind::SmallInt => self.code == 2,
            TypeKind::MediumInt => self.code == 9,
            TypeKind::Int => self.code == 3,
            TypeKind::BigInt => self.code == 8,
            TypeKind::Float => self.code == 4,
            TypeKind::Double => self.code == 5,
            TypeKind::Year => self.code == 13,
            TypeKind::Date => matches!(self.code, 10 | 14),
            TypeKind::Timestamp => self.code == 17 && u64::from(first) == number(now.length, 0),
            TypeKind::DateTime => self.code == 18 && u64::from(first) == number(now.length, 0),
            TypeKind::Time => self.code == 19 && u64::from(first) == number(now.length, 0),
            TypeKind::Bit => {
                self.code == 16 && u64::from(second) * 8 + u64::from(first) == number(now.length, 1)
            }
            TypeKind::Decimal => {
                self.code == 246
                    && u64::from(first) == number(now.length, 10)
                    && u64::from(second) == number(now.decimals, 0)
            }
            TypeKind::Json => self.code == if is_mariadb { 252 } else { 245 },
            _ => self.fits_bytes(now),
        }
    }

    fn fits_bytes(self, now: &ColumnType) -> bool {
        let real = if self.code == 254 { self.really().0 } else { 0 };
        match now.kind {
            TypeKind::Char | TypeKind::Inet4 | TypeKind::Inet6 | TypeKind::Uuid => real == 254,
            TypeKind::Binary => real == 254 && Some(self.really().1 as u64) == now.length.or(Some(1)),
            TypeKind::Enum => real == 247,
            TypeKind::Set => real == 248,
            TypeKind::VarChar => self.code == 15,
            TypeKind::VarBinary => {
                self.code == 15 && Some(u64::from(u16::from_le_bytes(self.meta))) == now.length
            }
            TypeKind::TinyText | TypeKind::TinyBlob => self.is_blob(1),
            TypeKind::Text | TypeKind::Blob => self.is_blob(2),
            TypeKind::MediumText | TypeKind::MediumBlob => self.is_blob(3),
            TypeKind::LongText | TypeKind::LongBlob => self.is_blob(4),
            TypeKind::Spatial => self.code == 255,
            TypeKind::Vector => self.code == 242,
            _ => false,
        }
    }

    fn is_blob(self, length: u8) -> bool {
        self.code == 252 && self.meta.first() == Some(&length)
    }
}
