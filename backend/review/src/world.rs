//! What is known of the tables while the statements of a script go by: what the server or a schema file said, and
//! what the earlier statements did to it.

use crate::{
    facts::{Column, Facts, Key, KeyKind, KeyPart, Looked, Table, TableName},
    settings::Settings,
    shape::{Action, AlterTable, ColumnDef, CreateTable, KeyDef, Shape, TableRef},
};
use std::collections::{BTreeMap, HashMap};

/// InnoDB takes no more columns; nor does the catalogue.
const MAX_COLUMNS: usize = 1_017;

/// What is known of one name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known<'a> {
    /// Nobody was asked.
    Nothing,
    /// It is not there.
    Absent,
    /// It is there.
    Present(&'a Table),
}

/// What a table that the script itself changed has become.
#[derive(Debug, Clone, PartialEq)]
enum State {
    Absent,
    Present(Table),
    /// Altered, without anything being known of it before.
    Unclear,
}

#[derive(Debug, Clone, PartialEq)]
struct Now {
    state: State,
    /// The statement that made it, where one did.
    made_by: Option<usize>,
    /// The first statement that altered it since.
    altered_by: Option<usize>,
}

/// The tables as they are before the next statement.
pub struct World<'a> {
    facts: &'a Facts,
    database: Option<&'a str>,
    now: HashMap<TableName, Now>,
}

impl<'a> World<'a> {
    /// Before the first statement.
    #[must_use]
    pub fn new(facts: &'a Facts, settings: &'a Settings) -> Self {
        Self { facts, database: settings.database.as_deref(), now: HashMap::new() }
    }

    /// The full name of a table as written.
    #[must_use]
    pub fn name(&self, table: &TableRef) -> TableName {
        table.named(self.database)
    }

    /// What is known of it now.
    #[must_use]
    pub fn look(&self, table: &TableRef) -> Known<'_> {
        let name = self.name(table);
        if let Some(now) = self.now.get(&name) {
            return match &now.state {
                State::Absent => Known::Absent,
                State::Present(table) => Known::Present(table),
                State::Unclear => Known::Nothing,
            };
        }
        match self.facts.looked(&name) {
            Some(Looked::Found(table)) => Known::Present(table),
            Some(Looked::Absent) => Known::Absent,
            None => Known::Nothing,
        }
    }

    /// The table, where it is there for certain.
    #[must_use]
    pub fn table(&self, table: &TableRef) -> Option<&Table> {
        match self.look(table) {
            Known::Present(table) => Some(table),
            Known::Nothing | Known::Absent => None,
        }
    }

    /// The statement of this script that made the table.
    #[must_use]
    pub fn made_by(&self, table: &TableRef) -> Option<usize> {
        self.now.get(&self.name(table))?.made_by
    }

    /// The first statement of this script that altered the table.
    #[must_use]
    pub fn altered_by(&self, table: &TableRef) -> Option<usize> {
        self.now.get(&self.name(table))?.altered_by
    }

    /// Whether the script has made, altered or removed the table so far.
    #[must_use]
    pub fn is_touched(&self, table: &TableRef) -> bool {
        self.now.contains_key(&self.name(table))
    }

    /// The tables that the script made, for use as a schema.
    #[must_use]
    pub fn into_tables(self) -> BTreeMap<TableName, Looked> {
        let looked = |now: Now| match now.state {
            State::Absent => Some(Looked::Absent),
            State::Present(table) => Some(Looked::Found(table)),
            State::Unclear => None,
        };
        self.now.into_iter().filter_map(|(name, now)| Some((name, looked(now)?))).collect()
    }

    /// A statement goes by.
    pub fn apply(&mut self, index: usize, shape: &Shape) {
        match shape {
            Shape::CreateTable(create) => self.create(index, create),
            Shape::AlterTable(alter) => self.alter(index, alter),
            Shape::DropTable(drop) => {
                for table in &drop.tables {
                    self.set(table, Now { state: State::Absent, made_by: None, altered_by: None });
                }
            }
            Shape::RenameTable(pairs) => {
                for (old, new) in pairs {
                    self.rename(index, old, new);
                }
            }
            _ => {}
        }
    }

    fn set(&mut self, table: &TableRef, now: Now) {
        self.now.insert(self.name(table), now);
    }

    fn create(&mut self, index: usize, create: &CreateTable) {
        let there = matches!(self.look(&create.table), Known::Present(_));
        if there && !create.or_replace {
            return;
        }
        let state = match &create.like {
            Some(other) => self.table(other).cloned().map_or(State::Unclear, State::Present),
            None => State::Present(table_of(create)),
        };
        self.set(&create.table, Now { state, made_by: Some(index), altered_by: None });
    }

    fn alter(&mut self, index: usize, alter: &AlterTable) {
        let name = self.name(&alter.table);
        if !self.now.contains_key(&name) {
            let state = match self.look(&alter.table) {
                Known::Absent => State::Absent,
                Known::Nothing => State::Unclear,
                Known::Present(table) => State::Present(table.clone()),
            };
            self.now.insert(name.clone(), Now { state, made_by: None, altered_by: None });
        }
        if let Some(now) = self.now.get_mut(&name) {
            now.altered_by.get_or_insert(index);
            if let State::Present(table) = &mut now.state {
                alter.ops.iter().for_each(|op| change(table, &op.action));
            }
        }
        for op in &alter.ops {
            if let Action::RenameTable(new) = &op.action {
                self.rename(index, &alter.table, new);
            }
        }
    }

    fn rename(&mut self, index: usize, old: &TableRef, new: &TableRef) {
        let state = self.table(old).cloned().map_or(State::Unclear, State::Present);
        self.set(old, Now { state: State::Absent, made_by: None, altered_by: None });
        self.set(new, Now { state, made_by: Some(index), altered_by: None });
    }
}

/// The table that a `CREATE TABLE` makes.
#[must_use]
pub fn table_of(create: &CreateTable) -> Table {
    let mut table = Table {
        columns: create.columns.iter().map(column_of).collect(),
        keys: column_keys(&create.columns),
        ..Table::default()
    };
    table.keys.extend(create.keys.iter().map(KeyDef::key));
    for option in &create.options {
        match option.name.as_str() {
            "engine" => table.engine = Some(option.value.clone()),
            "comment" => table.comment = Some(option.value.clone()),
            _ => {}
        }
    }
    if create.select.is_some() {
        // More columns may come from the query: which is not known.
        table.columns.clear();
    }
    table
}

/// A column definition as the catalogue keeps it.
#[must_use]
pub fn column_of(def: &ColumnDef) -> Column {
    Column {
        name: def.name.text.clone(),
        data_type: def.data_type.clone(),
        nullable: def.nullable,
        has_default: def.has_default,
    }
}

/// Keys that stand at the columns themselves.
#[must_use]
pub fn column_keys(columns: &[ColumnDef]) -> Vec<Key> {
    let of = |column: &ColumnDef| {
        let part = KeyPart {
            column: column.name.text.clone(),
            prefix: None,
            is_expression: false,
            descending: false,
        };
        Some(Key { name: None, kind: column.key?, parts: vec![part] })
    };
    columns.iter().filter_map(of).collect()
}

fn change(table: &mut Table, action: &Action) {
    match action {
        // Where nothing is known of the columns, one more does not make them known.
        Action::AddColumns(columns, _) if (1..MAX_COLUMNS).contains(&table.columns.len()) => {
            for column in columns {
                if table.column(&column.name.text).is_none() {
                    table.columns.push(column_of(column));
                }
            }
            table.keys.extend(column_keys(columns));
        }
        Action::AddKey(key, _) if table.keys.len() < MAX_COLUMNS => table.keys.push(key.key()),
        Action::DropColumn(name, _) => {
            table.columns.retain(|column| !column.name.eq_ignore_ascii_case(&name.text));
            for key in &mut table.keys {
                key.parts.retain(|part| !part.column.eq_ignore_ascii_case(&name.text));
            }
            table.keys.retain(|key| !key.parts.is_empty());
        }
        Action::DropKey(name, _) => {
            let same = |key: &Key| key.name.as_ref().is_some_and(|old| old.eq_ignore_ascii_case(&name.text));
            table.keys.retain(|key| !same(key) || key.kind == KeyKind::Foreign);
        }
        Action::DropPrimaryKey => table.keys.retain(|key| key.kind != KeyKind::Primary),
        Action::Modify(column) => rename_column(table, &column.name.text, column),
        Action::Change(old, column) => rename_column(table, &old.text, column),
        Action::RenameColumn(old, new) => rename_only(table, &old.text, &new.text),
        Action::RenameKey(old, new) => {
            for key in &mut table.keys {
                if key.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&old.text)) {
                    key.name = Some(new.text.clone());
                }
            }
        }
        Action::Option(option) if option.name == "engine" => table.engine = Some(option.value.clone()),
        Action::Option(option) if option.name == "comment" => table.comment = Some(option.value.clone()),
        _ => {}
    }
}

fn rename_column(table: &mut Table, old: &str, new: &ColumnDef) {
    rename_only(table, old, &new.name.text);
    for column in &mut table.columns {
        if column.name.eq_ignore_ascii_case(&new.name.text) {
            *column = column_of(new);
        }
    }
}

fn rename_only(table: &mut Table, old: &str, new: &str) {
    for column in &mut table.columns {
        if column.name.eq_ignore_ascii_case(old) {
            new.clone_into(&mut column.name);
        }
    }
    for part in table.keys.iter_mut().flat_map(|key| &mut key.parts) {
        if part.column.eq_ignore_ascii_case(old) {
            new.clone_into(&mut part.column);
        }
    }
}
