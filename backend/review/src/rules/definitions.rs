//! Columns and indexes that a statement defines, and what its table has after it.

use super::words;
use crate::{
    catalogue,
    facts::{Column, Table},
    flavour::Flavour,
    judge::See,
    shape::{Action, AlterOp, AlterTable, ColumnDef, Name, Shape, TableRef},
    span::Span,
    types::TypeKind,
};
use std::borrow::Cow;

/// How a column comes to be defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// By `CREATE TABLE`.
    Created,
    /// By `ADD COLUMN`.
    Added,
    /// By `MODIFY` or `CHANGE`.
    Changed,
}

/// A column that a statement defines.
#[derive(Clone, Copy)]
pub struct New<'a> {
    /// Of which table.
    pub table: &'a TableRef,
    /// The definition.
    pub column: &'a ColumnDef,
    /// What it was called before.
    pub old: &'a str,
    /// How.
    pub how: How,
}

impl New<'_> {
    /// Whether the column is of another kind than before, as far as is known.
    pub fn is_new_kind(&self, see: &See<'_>) -> bool {
        let before = || see.world.table(self.table)?.column(self.old);
        let kind = self.column.column_type.kind;
        self.how != How::Changed || before().is_none_or(|old| old.column_type.kind != kind)
    }

    /// The table in backquotes.
    pub fn table(&self) -> String {
        words::table(self.table)
    }

    /// The column in backquotes.
    pub fn name(&self) -> String {
        words::quoted(&self.column.name.text)
    }

    /// Its type as written, cut to a length that can be shown.
    pub fn written_type(&self, see: &See<'_>) -> String {
        words::shown(self.column.type_span.of(see.script.sql()))
    }
}

/// Every column that the statement defines.
pub fn new_columns(shape: &Shape) -> Vec<New<'_>> {
    let mut all = Vec::new();
    match shape {
        Shape::CreateTable(create) => {
            let of = |column| New { table: &create.table, column, old: &column.name.text, how: How::Created };
            all.extend(create.columns.iter().map(of));
        }
        Shape::AlterTable(alter) => {
            let table = &alter.table;
            for op in &alter.ops {
                match &op.action {
                    Action::AddColumns(columns, _) => {
                        let of = |column| New { table, column, old: &column.name.text, how: How::Added };
                        all.extend(columns.iter().map(of));
                    }
                    Action::Modify(column) => {
                        all.push(New { table, column, old: &column.name.text, how: How::Changed });
                    }
                    Action::Change(old, column) => {
                        all.push(New { table, column, old: &old.text, how: How::Changed });
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
    all
}

/// A known column that an `ALTER TABLE` defines anew.
pub struct Redefined<'a> {
    /// As it was.
    pub old: &'a Column,
    /// What it was called, as written.
    pub name: &'a Name,
    /// As it becomes.
    pub new: &'a ColumnDef,
    /// The whole part of the `ALTER TABLE`.
    pub span: Span,
}

impl<'a> Redefined<'a> {
    /// By this part of an `ALTER TABLE`, where it is `MODIFY` or `CHANGE` of a known column.
    pub fn by(op: &'a AlterOp, known: &'a Table) -> Option<Self> {
        let (name, new) = match &op.action {
            Action::Modify(new) => (&new.name, new),
            Action::Change(old, new) => (old, new),
            _ => return None,
        };
        Some(Self { old: known.column(&name.text)?, name, new, span: op.span })
    }
}

/// The statement's `ALTER TABLE` and its table as it was, where that is known and holds rows that the script did not make.
pub fn known_alter<'a>(see: &'a See<'_>) -> Option<(&'a AlterTable, &'a Table)> {
    let Shape::AlterTable(alter) = &see.statement.shape else { return None };
    let known = see.world.table(&alter.table)?;
    see.world.made_by(&alter.table).is_none().then_some((alter, known))
}

/// Several columns of one table that one finding is about.
pub struct Together<'a> {
    /// The table in backquotes.
    pub table: String,
    /// The columns in backquotes, between commas.
    pub columns: String,
    /// Where the first of them stands.
    pub span: Span,
    /// They themselves.
    pub all: Vec<New<'a>>,
}

/// The columns that `bad` picks, for one finding about all of them; `None` where it picks none.
pub fn together<'a>(shape: &'a Shape, bad: impl Fn(&New<'a>) -> bool) -> Option<Together<'a>> {
    let mut all = new_columns(shape);
    all.retain(bad);
    let first = all.first()?;
    Some(Together {
        table: first.table(),
        columns: words::list(all.iter().map(|new| new.column.name.text.as_str())),
        span: first.column.name.span,
        all,
    })
}

/// What the statement's table has after it.
pub enum After<'a> {
    /// It was made.
    Made(&'a Table),
    /// It was altered; what it was before may not be known.
    Altered(&'a AlterTable, Option<&'a Table>, Flavour),
}

impl<'a> After<'a> {
    /// After a `CREATE TABLE` that writes its columns, or an `ALTER TABLE`.
    pub fn of(see: &'a See<'_>) -> Option<Self> {
        match &see.statement.shape {
            Shape::CreateTable(create) if create.like.is_none() && create.select.is_none() => {
                see.made().map(Self::Made)
            }
            Shape::AlterTable(alter) => {
                Some(Self::Altered(alter, see.world.table(&alter.table), see.settings.flavour))
            }
            _ => None,
        }
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<Cow<'_, Column>> {
        let same = |other: &str| other.eq_ignore_ascii_case(name);
        let (alter, before, flavour) = match self {
            Self::Made(table) => return table.column(name).map(Cow::Borrowed),
            Self::Altered(alter, before, flavour) => (alter, *before, *flavour),
        };
        for op in alter.ops.iter().rev() {
            let def = match &op.action {
                Action::AddColumns(columns, _) => columns.iter().find(|column| same(&column.name.text)),
                Action::Modify(column) | Action::Change(_, column) => {
                    Some(column).filter(|column| same(&column.name.text))
                }
                Action::RenameColumn(old, new) if same(&new.text) => {
                    return before?.column(&old.text).map(Cow::Borrowed);
                }
                _ => None,
            };
            if let Some(def) = def {
                let unknown = Table::default();
                return Some(Cow::Owned(catalogue::column_in(before.unwrap_or(&unknown), def, flavour)));
            }
        }
        before?.column(name).map(Cow::Borrowed)
    }

    /// The table, with the row format and the engine that it has.
    pub fn table(&self) -> Option<&Table> {
        match self {
            Self::Made(table) => Some(table),
            Self::Altered(_, before, _) => *before,
        }
    }
}

/// Whether a literal may not be the default of such a column in MySQL.
pub fn is_lob(kind: TypeKind) -> bool {
    kind.is_text() || kind.is_blob() || matches!(kind, TypeKind::Json | TypeKind::Spatial)
}
