//! The names and indexes that a statement makes.

use crate::{
    facts::Table,
    questions::tables_of,
    shape::{Action, ColumnDef, KeyDef, Name, Shape, TableOption, TableRef},
    span::Span,
};
use std::collections::HashMap;

/// A new name, and what it is of in English and Chinese.
pub struct New<'a> {
    /// `("column", "列")` …
    pub what: (&'static str, &'static str),
    /// The name.
    pub name: &'a Name,
}

const DATABASE: (&str, &str) = ("database", "库");
const TABLE: (&str, &str) = ("table", "表");
const COLUMN: (&str, &str) = ("column", "列");
const INDEX: (&str, &str) = ("index", "索引");

/// Every name that the statement makes.
pub fn new_names(shape: &Shape) -> Vec<New<'_>> {
    let mut all = Vec::new();
    let mut add = |what, name| all.push(New { what, name });
    match shape {
        Shape::CreateTable(create) => {
            add(TABLE, &create.table.table);
            for column in &create.columns {
                add(COLUMN, &column.name);
            }
        }
        Shape::CreateDatabase(name) => add(DATABASE, name),
        Shape::RenameTable(pairs) => pairs.iter().for_each(|(_, new)| add(TABLE, &new.table)),
        Shape::AlterTable(alter) => {
            for op in &alter.ops {
                match &op.action {
                    Action::AddColumns(columns, _) => {
                        for column in columns {
                            add(COLUMN, &column.name);
                        }
                    }
                    Action::Change(old, ColumnDef { name, .. }) if old.text != name.text => add(COLUMN, name),
                    Action::RenameColumn(_, name) => add(COLUMN, name),
                    Action::RenameTable(new) => add(TABLE, &new.table),
                    Action::RenameKey(_, name) => add(INDEX, name),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    all.extend(new_keys(shape).filter_map(|key| Some(New { what: INDEX, name: key.name.as_ref()? })));
    all
}

/// Every index that the statement makes.
pub fn new_keys(shape: &Shape) -> impl Iterator<Item = &KeyDef> {
    let (created, altered) = match shape {
        Shape::CreateTable(create) => (create.keys.as_slice(), &[][..]),
        Shape::AlterTable(alter) => (&[][..], alter.ops.as_slice()),
        _ => (&[][..], &[][..]),
    };
    created.iter().chain(altered.iter().filter_map(|op| match &op.action {
        Action::AddKey(key, _) => Some(key),
        _ => None,
    }))
}

/// The columns of a known table while the parts of one statement change them. Looking up is cheap for the few names
/// that most statements have, so that nothing is copied.
pub struct Columns<'a> {
    table: &'a Table,
    /// Names in lower case that came or went.
    changed: HashMap<String, bool>,
}

impl<'a> Columns<'a> {
    /// Those of `table`; `None` where they are not known.
    pub fn of(table: Option<&'a Table>) -> Option<Self> {
        let table = table.filter(|table| !table.columns.is_empty() && !table.is_view)?;
        Some(Self { table, changed: HashMap::new() })
    }

    /// Whether there is such a column now.
    pub fn has(&self, name: &str) -> bool {
        let changed = if self.changed.is_empty() { None } else { self.changed.get(&name.to_lowercase()) };
        changed.copied().unwrap_or_else(|| self.table.column(name).is_some())
    }

    /// A column comes.
    pub fn add(&mut self, name: &str) {
        self.changed.insert(name.to_lowercase(), true);
    }

    /// A column goes.
    pub fn remove(&mut self, name: &str) {
        self.changed.insert(name.to_lowercase(), false);
    }

    /// The names that the table has to begin with.
    pub fn names(&self) -> Vec<&'a str> {
        self.table.columns.iter().map(|column| column.name.as_str()).collect()
    }
}

/// Every name that the statement writes where a server wants one, and whether it follows a dot. Of conditions only the
/// columns that are certainly names.
pub fn written_names(shape: &Shape) -> Vec<(&Name, bool)> {
    let mut all: Vec<(&Name, bool)> = Vec::new();
    for table in tables_of(shape) {
        all.extend(table.database.iter().map(|database| (database, false)));
        all.push((&table.table, table.database.is_some()));
    }
    match shape {
        Shape::CreateTable(create) => all.extend(create.columns.iter().map(|column| (&column.name, false))),
        Shape::CreateDatabase(name) | Shape::DropDatabase(name) => all.push((name, false)),
        Shape::AlterTable(alter) => {
            for op in &alter.ops {
                match &op.action {
                    Action::AddColumns(columns, _) => {
                        all.extend(columns.iter().map(|column| (&column.name, false)));
                    }
                    Action::Modify(column) => all.push((&column.name, false)),
                    Action::Change(old, column) => all.extend([(old, false), (&column.name, false)]),
                    Action::RenameColumn(old, new) | Action::RenameKey(old, new) => {
                        all.extend([(old, false), (new, false)]);
                    }
                    Action::DropColumn(name, _)
                    | Action::DropKey(name, _)
                    | Action::DropConstraint(name)
                    | Action::DropForeignKey(name)
                    | Action::DropDefault(name)
                    | Action::AlterColumn(name, _) => all.push((name, false)),
                    _ => {}
                }
            }
        }
        Shape::Insert(insert) => all.extend(insert.columns.iter().flatten().map(|name| (name, false))),
        Shape::Update(change) | Shape::Delete(change) => {
            all.extend(change.sets.iter().map(|set| (&set.column, set.table.is_some())));
        }
        _ => {}
    }
    all.extend(new_keys(shape).filter_map(|key| Some((key.name.as_ref()?, false))));
    all
}

/// The table options that a statement writes, with its table.
pub fn table_options(shape: &Shape) -> Vec<(&TableRef, &TableOption)> {
    match shape {
        Shape::CreateTable(create) => create.options.iter().map(|option| (&create.table, option)).collect(),
        Shape::AlterTable(alter) => {
            let options = alter.ops.iter().filter_map(|op| match &op.action {
                Action::Option(option) => Some((&alter.table, option)),
                _ => None,
            });
            options.collect()
        }
        _ => Vec::new(),
    }
}

/// The collations that a statement gives a table, and where.
pub fn collations(shape: &Shape) -> Vec<(&TableRef, &str, Span)> {
    let options = table_options(shape).into_iter().filter(|(_, option)| option.name == "collate");
    let mut all: Vec<_> =
        options.map(|(table, option)| (table, option.value.as_str(), option.span)).collect();
    if let Shape::AlterTable(alter) = shape {
        all.extend(alter.ops.iter().filter_map(|op| match &op.action {
            Action::Convert(_, Some(collation)) => {
                Some((&alter.table, collation.text.as_str(), collation.span))
            }
            _ => None,
        }));
    }
    all
}

/// The columns that a statement makes, with its table: those of a new table, and those that an `ALTER` adds.
pub fn new_columns(shape: &Shape) -> Vec<(&TableRef, &ColumnDef)> {
    match shape {
        Shape::CreateTable(create) => create.columns.iter().map(|column| (&create.table, column)).collect(),
        Shape::AlterTable(alter) => {
            let added = alter.ops.iter().filter_map(|op| match &op.action {
                Action::AddColumns(columns, _) => Some(columns),
                _ => None,
            });
            added.flatten().map(|column| (&alter.table, column)).collect()
        }
        _ => Vec::new(),
    }
}
