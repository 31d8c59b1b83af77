//! What is known of a table whose rows change.

use crate::{
    field::{Field, quoted},
    images::Layout,
    kept::{Deed, Way},
    lack::Lack,
};
use dbdesk_review::{
    Facts, Flavour,
    facts::{KeyKind, Looked, Table, TableName},
    shape::TableRef,
    types::ForeignAction,
};

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

/// `` `db`.`t` `` or `` `t` ``, as a column of it is called where it has no alias.
pub(crate) fn called(table: &TableRef) -> String {
    let database = table.database.as_ref().map(|name| format!("{}.", quoted(&name.text))).unwrap_or_default();
    format!("{database}{}", quoted(&table.table.text))
}

/// Whether nothing else changes with its rows.
pub(crate) fn stands_alone(name: &TableName, table: &Table, deed: Deed, set: &[&str]) -> Result<(), Lack> {
    let engine = table.engine.clone().unwrap_or_default();
    if !engine.eq_ignore_ascii_case("innodb") {
        return Err(Lack::Engine { table: name.table.clone(), engine });
    }
    let along = table.along.as_ref().ok_or_else(|| Lack::NotAsked { table: name.table.clone() })?;
    if let Some(trigger) = along.triggers.first() {
        return Err(Lack::Trigger { table: name.table.clone(), trigger: trigger.clone() });
    }
    let acts = |action: ForeignAction| action != ForeignAction::Restrict;
    let taken = along.referrers.iter().find(|by| match deed {
        Deed::Delete => acts(by.on_delete),
        Deed::Update => {
            acts(by.on_update)
                && by.columns.iter().any(|column| set.iter().any(|set| set.eq_ignore_ascii_case(column)))
        }
        Deed::Insert { way: Way::Plain, .. } => false,
        Deed::Insert { .. } => acts(by.on_delete) || acts(by.on_update),
    });
    match taken {
        Some(by) => Err(Lack::Cascade { table: name.table.clone(), by: by.table.table.clone() }),
        None => Ok(()),
    }
}

impl Layout {
    /// That of this table as it is now.
    pub fn now(database: &str, table: &str, facts: &Facts) -> Result<Self, Lack> {
        let name = TableName { database: Some(database.to_owned()), table: table.to_owned() };
        match facts.looked(&name) {
            Some(Looked::Found(found)) if !found.is_view => Self::of(&name, found, facts),
            _ => Err(Lack::Table { table: name.table }),
        }
    }

    /// That of this table.
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
        let database = name.database.clone().unwrap_or_default();
        Ok(Self { database, table: name.table.clone(), fields, key, unique })
    }

    /// Whether all of these columns stay as they are where `set` are set.
    pub(crate) fn keeps(&self, places: &[usize], set: &[&str]) -> Result<(), Lack> {
        let is_set = |field: &&Field| set.iter().any(|set| set.eq_ignore_ascii_case(&field.name));
        match places.iter().filter_map(|at| self.fields.get(*at)).find(is_set) {
            Some(field) => Err(Lack::ChangesKey { table: self.table.clone(), column: field.name.clone() }),
            None => Ok(()),
        }
    }
}
