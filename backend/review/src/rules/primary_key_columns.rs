//! The columns of a primary key that a statement makes.

use super::{definitions::After, names::new_keys};
use crate::{
    facts::{Column, KeyKind},
    judge::See,
    questions::changed_tables,
    shape::{Shape, TableRef},
    span::Span,
};

/// A primary key that comes.
pub struct Primary<'a> {
    /// Of which table.
    pub table: &'a TableRef,
    /// Where it is written.
    pub span: Span,
    /// Its columns, as far as they are known.
    pub columns: Vec<Column>,
    /// How many columns are written.
    pub parts: usize,
}

/// The primary key that the statement makes.
pub fn new_primary<'a>(see: &'a See<'_>) -> Option<Primary<'a>> {
    let shape = &see.statement.shape;
    if matches!(shape, Shape::CreateTable(create) if create.temporary) {
        return None;
    }
    let table = changed_tables(shape).first().copied()?;
    let at_column = || {
        super::definitions::new_columns(shape)
            .into_iter()
            .find(|new| new.column.key == Some(KeyKind::Primary))
            .map(|new| (new.column.name.span, vec![new.column.name.text.as_str()]))
    };
    let in_keys = new_keys(shape).find(|key| key.kind == KeyKind::Primary);
    let (span, names) = in_keys
        .map(|key| (key.span, key.parts.iter().map(|part| part.column.as_str()).collect()))
        .or_else(at_column)?;
    let after = After::of(see)?;
    let columns = names.iter().take(64).filter_map(|name| Some(after.column(name)?.into_owned())).collect();
    Some(Primary { table, span, columns, parts: names.len() })
}
