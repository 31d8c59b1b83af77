//! What is known of a table whose rows change.

use crate::{
    field::Field,
    kept::{Deed, Way},
    lack::Lack,
};
use dbdesk_review::{
    Facts, Flavour,
    facts::{KeyKind, Looked, Table, TableName},
    shape::TableRef,
    types::ForeignAction,
};

/// What is kept of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rows {
    /// All columns that have values of their own.
    pub(crate) fields: Vec<Field>,
    /// The places of those that tell a row from all others.
    pub(crate) key: Vec<usize>,
    /// The places of those of the other unique keys.
    pub(crate) unique: Vec<usize>,
}

/// The table that is meant, which the facts know.
pub(crate) fn known<'a>(
    table: &TableRef,
    facts: &'a Facts,
    database: Option<&str>,
) -> Result<(TableName, &'a Table), Lack> {
    let name = table.named(database);
    let lack = || Lack::Table { table: name.table.clone() };
    let Some(Looked::Found(found)) = facts.looked(&name) else { return Err(lack()) };
    if found.is_view || name.database.is_none() {
        return Err(lack());
    }
    Ok((name, found))
}

/// Whether nothing else changes with its rows.
pub(crate) fn stands_alone(name: &TableName, table: &Table, deed: Deed, set: &[&str]) -> Result<(), Lack> {
    let engine = table.engine.clone().unwrap_or_default();
    if !engine.eq_ignore_ascii_case("innodb") {
        return Err(Lack::Engine { table: name.table.clone(), engine });
    }
    if let Some(trigger) = table.triggers.first() {
        return Err(Lack::Trigger { table: name.table.clone(), trigger: trigger.clone() });
    }
    let acts = |action: ForeignAction| action != ForeignAction::Restrict;
    let along = table.referred.iter().find(|by| match deed {
        Deed::Delete => acts(by.on_delete),
        Deed::Update => {
            acts(by.on_update)
                && by.columns.iter().any(|column| set.iter().any(|set| set.eq_ignore_ascii_case(column)))
        }
        Deed::Insert { way: Way::Plain, .. } => false,
        Deed::Insert { .. } => acts(by.on_delete) || acts(by.on_update),
    });
    match along {
        Some(by) => Err(Lack::Cascade { table: name.table.clone(), by: by.table.table.clone() }),
        None => Ok(()),
    }
}

impl Rows {
    /// Those of this table.
    pub(crate) fn of(name: &TableName, table: &Table, facts: &Facts) -> Result<Self, Lack> {
        let is_mariadb = facts.flavour.is_some_and(Flavour::is_mariadb);
        let mut fields = Vec::new();
        for column in &table.columns {
            fields.extend(Field::of(&name.table, column, is_mariadb)?);
        }
        let place = |column: &str| fields.iter().position(|field| field.name.eq_ignore_ascii_case(column));
        let mut key: Option<Vec<usize>> = None;
        let mut unique = Vec::new();
        // The primary key comes first.
        for known in table.keys.iter().filter(|key| matches!(key.kind, KeyKind::Primary | KeyKind::Unique)) {
            let whole: Option<Vec<usize>> = known
                .parts
                .iter()
                .map(|part| {
                    let column = table
                        .column(&part.column)
                        .filter(|_| part.prefix.is_none() && !part.is_expression)?;
                    place(&column.name).filter(|_| !column.nullable)
                })
                .collect();
            if let (None, Some(whole)) = (&key, whole) {
                key = Some(whole);
            } else {
                unique.extend(known.parts.iter().filter_map(|part| place(&part.column)));
            }
        }
        unique.sort_unstable();
        unique.dedup();
        let key = key.ok_or_else(|| Lack::NoKey { table: name.table.clone() })?;
        Ok(Self { fields, key, unique })
    }

    /// The columns that tell a row from all others.
    pub(crate) fn keyed(&self) -> impl Iterator<Item = &Field> {
        self.key.iter().filter_map(|at| self.fields.get(*at))
    }

    /// Whether all of these columns stay as they are where `set` are set.
    pub(crate) fn keeps(&self, name: &TableName, places: &[usize], set: &[&str]) -> Result<(), Lack> {
        let is_set = |field: &&Field| set.iter().any(|set| set.eq_ignore_ascii_case(&field.name));
        match places.iter().filter_map(|at| self.fields.get(*at)).find(is_set) {
            Some(field) => Err(Lack::ChangesKey { table: name.table.clone(), column: field.name.clone() }),
            None => Ok(()),
        }
    }

    /// What reads all of a row, of the table that is called `of`.
    pub(crate) fn read(&self, of: &str) -> String {
        self.fields.iter().map(|field| field.read(of)).collect::<Vec<_>>().join(", ")
    }
}
