//! What is known of the tables while the statements of a script go by: what the server or a schema file said, and
//! what the earlier statements did to it.

use crate::{
    catalogue,
    facts::{Facts, Looked, Table, TableName},
    flavour::Flavour,
    settings::Settings,
    shape::{Action, AlterTable, CreateTable, Deed, ObjectKind, Shape, TableRef},
};
use std::collections::{BTreeMap, HashMap};

pub use catalogue::{column_keys, column_of};

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
#[expect(clippy::large_enum_variant, reason = "nearly all are present")]
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
    flavour: Flavour,
    now: HashMap<TableName, Now>,
}

impl<'a> World<'a> {
    /// Before the first statement.
    #[must_use]
    pub fn new(facts: &'a Facts, settings: &'a Settings) -> Self {
        let flavour = facts.flavour.unwrap_or(settings.flavour);
        Self { facts, database: settings.database.as_deref(), flavour, now: HashMap::new() }
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
            // A view or sequence is found under a table's name.
            Shape::StoredObject(object) if matches!(object.kind, ObjectKind::View | ObjectKind::Sequence) => {
                for name in &object.names {
                    let gone = object.deed == Deed::Drop;
                    // Its columns are those of its query: not known here, but it is there.
                    let is_view = object.kind == ObjectKind::View;
                    let made = Table { is_view, ..Table::default() };
                    let state = if gone { State::Absent } else { State::Present(made) };
                    self.set(name, Now { state, made_by: (!gone).then_some(index), altered_by: None });
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
            Some(other) => {
                self.table(other).map_or(State::Unclear, |other| State::Present(catalogue::like(other)))
            }
            None => State::Present(catalogue::created(create, self.flavour)),
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
                catalogue::alter(table, &alter.table.table.text, &alter.ops, self.flavour);
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
