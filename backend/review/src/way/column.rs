//! `MODIFY` and `CHANGE`: what the new definition changes of the old one.

use super::{
    grant::{Grant, Server},
    words::Words,
};
use crate::{
    facts::{Column, Table},
    shape::ColumnDef,
    types::{ColumnType, TypeKind, bytes_per_char},
};

/// Longest value, in bytes, whose length needs one byte.
const SHORT: u64 = 255;

/// What the server grants for the new definition alone, without a new place or a new name.
pub fn redefined(server: Server, table: &Table, old: &Column, new: &ColumnDef, words: &Words) -> Grant {
    let generated = old.generated.is_some() || new.generated.is_some();
    if generated || words.has_any(&["check", "references", "compressed"]) {
        return Grant::Copy;
    }
    let mut grant = definition(server);
    if words.has_any(&["primary", "unique", "key"]) {
        grant = grant.max(Grant::Scan);
    }
    let counts = new.auto_increment.is_some();
    if counts != old.auto_increment {
        // A column that begins or ceases to count keeps its rows, but the server copies them all the same.
        return Grant::Copy;
    }
    let typed = retyped(server, table, old, new);
    // Columns that are worked out from this one may have to be worked out anew.
    let derived = table.columns.iter().any(|column| column.generated.is_some());
    if derived && (typed != definition(server) || old.nullable != new.nullable) {
        return Grant::Copy;
    }
    if old.nullable != new.nullable {
        grant = grant.max(server.rebuild());
    }
    grant.max(typed)
}

/// For a new default, comment or name of a column.
pub fn definition(server: Server) -> Grant {
    if server.adds_last_instantly() { Grant::Instant } else { server.metadata() }
}

fn retyped(server: Server, table: &Table, old: &Column, new: &ColumnDef) -> Grant {
    let (was, mut becomes) = (old.column_type.clone(), new.column_type.clone());
    if becomes.kind.has_charset() {
        if becomes.charset.is_none() && becomes.collation.is_none() {
            (becomes.charset, becomes.collation) = (table.charset.clone(), table.collation.clone());
        }
        becomes.charset = becomes
            .charset
            .or_else(|| becomes.collation.as_deref().and_then(crate::types::charset_of).map(str::to_owned));
        let known = was.charset.is_some() && becomes.charset.is_some();
        if !known || was.charset != becomes.charset {
            return Grant::Copy;
        }
        if was.collation != becomes.collation {
            return recollated(server, table, old, &was, &becomes);
        }
    }
    if same(&was, &becomes) {
        return definition(server);
    }
    match (was.kind, becomes.kind) {
        (TypeKind::VarChar, TypeKind::VarChar) | (TypeKind::VarBinary, TypeKind::VarBinary) => {
            lengthened(server, &was, &becomes)
        }
        (TypeKind::Enum, TypeKind::Enum) if appended(&was, &becomes, |count| u64::from(count > 255)) => {
            definition(server)
        }
        (TypeKind::Set, TypeKind::Set)
            if appended(&was, &becomes, |count| count.div_ceil(8).next_power_of_two()) =>
        {
            definition(server)
        }
        _ => Grant::Copy,
    }
}

/// Whether two types are the same in all that a row keeps.
fn same(was: &ColumnType, becomes: &ColumnType) -> bool {
    let integer = matches!(
        was.kind,
        TypeKind::TinyInt | TypeKind::SmallInt | TypeKind::MediumInt | TypeKind::Int | TypeKind::BigInt
    );
    let default = match was.kind {
        TypeKind::Decimal => Some(10),
        TypeKind::Char | TypeKind::Binary | TypeKind::Bit => Some(1),
        TypeKind::Time | TypeKind::DateTime | TypeKind::Timestamp => Some(0),
        _ => None,
    };
    let length = |of: &ColumnType| of.length.or(default);
    let decimals = |of: &ColumnType| of.decimals.or((was.kind == TypeKind::Decimal).then_some(0));
    was.kind == becomes.kind
        && was.kind != TypeKind::Other
        && was.unsigned == becomes.unsigned
        && was.zerofill == becomes.zerofill
        && was.members == becomes.members
        && (integer || length(was) == length(becomes) && decimals(was) == decimals(becomes))
}

/// A longer text stays in its rows as it is, unless its length needs another byte.
fn lengthened(server: Server, was: &ColumnType, becomes: &ColumnType) -> Grant {
    let each = was.charset.as_deref().map_or(1, bytes_per_char);
    let (Some(before), Some(after)) = (was.length, becomes.length) else { return Grant::Copy };
    let is_short = |length: u64| length.saturating_mul(each) <= SHORT;
    if after < before || is_short(before) != is_short(after) || !server.lengthens_in_place() {
        return Grant::Copy;
    }
    server.metadata()
}

/// New members behind the old ones, in rows of the same width.
fn appended(was: &ColumnType, becomes: &ColumnType, width: fn(u64) -> u64) -> bool {
    let of = |kind: &ColumnType| width(kind.members.len() as u64);
    becomes.members.starts_with(&was.members) && of(was) == of(becomes)
}

/// Another collation of the same character set: of a column without an index only the definition changes.
fn recollated(server: Server, table: &Table, old: &Column, was: &ColumnType, becomes: &ColumnType) -> Grant {
    let indexed = is_indexed(table, &old.name);
    let known = was.collation.is_some() && becomes.collation.is_some();
    if !known || !same(was, becomes) {
        return Grant::Copy;
    }
    match (server.flavour.is_mariadb(), indexed) {
        (false, false) if server.adds_last_instantly() => Grant::Metadata,
        (true, false) if server.is_new_mariadb() => Grant::Instant,
        (true, true) if server.is_new_mariadb() => Grant::Scan,
        _ => Grant::Copy,
    }
}

/// Whether an index has this column.
pub fn is_indexed(table: &Table, name: &str) -> bool {
    // What stands in an expression is not looked for: any expression may name it.
    let has = |part: &crate::facts::KeyPart| part.is_expression || part.column.eq_ignore_ascii_case(name);
    table.keys.iter().any(|key| key.parts.iter().any(has))
}
