//! What a ticket did to structure, and what leads back from how it is now.

use super::Ran;
use crate::{desk::Desk, service::Failure};
use dbdesk_cmdb::ServiceGroup;
use dbdesk_components::mysql::definition::definitions;
use dbdesk_review::{
    Statement,
    facts::TableName,
    questions::tables_of,
    shape::{Action, AlterTable, Shape},
};
use dbdesk_store::{
    definition::{self, Definition},
    set_aside::{self, SetAside},
    ticket::TicketRow,
};
use dbdesk_undo::{
    definition::{comparable, reverse},
    field::full_name,
};
use sqlx::mysql::MySqlConnectOptions;
use std::{collections::BTreeMap, time::Duration};

/// What leads back.
#[derive(Debug, Default)]
pub(super) struct Back {
    /// In this order.
    pub(super) sql: Vec<String>,
    /// Statements that nothing leads back from, from 0.
    pub(super) without: Vec<u32>,
    tables: BTreeMap<TableName, Comes>,
}

/// What becomes of the structure of a table. Of several statements on one table, that of which the least comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Comes {
    /// It is as it was before already.
    IsBack,
    /// It comes back, with rows that were kept before it changed.
    Back,
    /// The same, of one that was emptied and is there.
    Refilled,
    Not,
}

impl Back {
    /// What becomes of this table by it; `None`: the ticket changed nothing but its rows.
    pub(super) fn of(&self, table: &TableName) -> Option<Comes> {
        self.tables.get(table).copied()
    }

    /// Whether there is anything that is as it was before already.
    pub(super) fn has_what_is_back(&self) -> bool {
        self.tables.values().any(|comes| *comes == Comes::IsBack)
    }

    fn comes(&mut self, statement: &Statement, database: &str, led: &Led) {
        let comes = match led {
            Led::Nowhere => Comes::Not,
            Led::Back(sql) if sql.is_empty() => Comes::IsBack,
            Led::Back(_) if matches!(statement.shape, Shape::Truncate(_)) => Comes::Refilled,
            Led::Back(_) => Comes::Back,
        };
        let tables = match &statement.shape {
            Shape::CreateTable(create) => vec![&create.table],
            shape => tables_of(shape),
        };
        for table in tables {
            let now = self.tables.entry(table.named(Some(database))).or_insert(comes);
            *now = comes.max(*now);
        }
    }
}

/// Tables as they are now.
type Now = BTreeMap<(String, String), Option<String>>;

/// Of those statements that ran, the last one first.
pub(super) async fn back(
    desk: &Desk,
    row: &TicketRow,
    ran: &Ran,
    (group, server, is_its): (&ServiceGroup, &MySqlConnectOptions, impl Fn(u32) -> bool),
) -> Result<Back, Failure> {
    let mut kept = definition::of_ticket(&desk.store, row.id).await?;
    let mut aside = set_aside::of_ticket(&desk.store, row.id).await?;
    kept.retain(|kept| is_its(kept.statement));
    aside.retain(|aside| is_its(aside.statement));
    let mut back = Back::default();
    let now = now(desk, server, group, &kept, &aside).await?;
    for (statement, index) in ran.statements().rev() {
        if ran.left.has(index) || !statement.shape.is_ddl() || !is_its(index) {
            continue;
        }
        let of_it: Vec<&Definition> = kept.iter().filter(|kept| kept.statement == index).collect();
        let asides: Vec<&SetAside> = aside.iter().filter(|aside| aside.statement == index).collect();
        let led = one(statement, &row.database, &of_it, &asides, &now);
        back.comes(statement, &row.database, &led);
        match led {
            Led::Back(sql) => back.sql.extend(sql),
            Led::Nowhere => back.without.push(index),
        }
    }
    Ok(back)
}

async fn now(
    desk: &Desk,
    server: &MySqlConnectOptions,
    group: &ServiceGroup,
    kept: &[Definition],
    aside: &[SetAside],
) -> Result<Now, Failure> {
    let kept = kept.iter().map(|kept| (kept.database_name.clone(), kept.table_name.clone()));
    let there = aside.iter().map(|aside| (aside.kept_in.clone(), aside.kept_as.clone()));
    let here = aside.iter().map(|aside| (aside.database_name.clone(), aside.table_name.clone()));
    let names: Vec<(String, String)> = kept.chain(there).chain(here).collect();
    let tables: Vec<TableName> = names
        .iter()
        .map(|(database, table)| TableName { database: Some(database.clone()), table: table.clone() })
        .collect();
    let limit = Duration::from_millis(desk.config.target.connect_timeout_ms);
    let found = definitions(server, &tables, limit).await;
    let found = found.map_err(|error| crate::service::refuse::target_down(group, &error.to_string()))?;
    Ok(names.into_iter().zip(found).collect())
}

enum Led {
    /// By these; by nothing where all is as before.
    Back(Vec<String>),
    Nowhere,
}

fn one(statement: &Statement, database: &str, kept: &[&Definition], asides: &[&SetAside], now: &Now) -> Led {
    if is_back(kept, now) {
        return Led::Back(Vec::new());
    }
    match &statement.shape {
        Shape::DropTable(_) | Shape::Truncate(_) => from_aside(&statement.shape, asides, now),
        Shape::CreateTable(_) => kept.first().map_or(Led::Nowhere, |kept| made(kept, now)),
        Shape::AlterTable(alter) => altered(alter, kept, now),
        Shape::RenameTable(pairs) => {
            let full = |table: &dbdesk_review::shape::TableRef| {
                let name = table.named(Some(database));
                full_name(name.database.as_deref().unwrap_or(database), &name.table)
            };
            let back = pairs.iter().rev().map(|(old, new)| format!("{} TO {}", full(new), full(old)));
            Led::Back(vec![format!("RENAME TABLE {}", back.collect::<Vec<_>>().join(", "))])
        }
        _ => Led::Nowhere,
    }
}

fn is_there(now: &Now, database: &str, table: &str) -> bool {
    now.get(&(database.to_owned(), table.to_owned())).is_some_and(Option::is_some)
}

/// Whether every table is as it was before a statement that changed it. What traded places with its like looks the same.
fn is_back(kept: &[&Definition], now: &Now) -> bool {
    let plain = |sql: Option<&str>| sql.map(comparable);
    let changed = |kept: &&Definition| {
        kept.done && plain(kept.before_sql.as_deref()) != plain(kept.after_sql.as_deref())
    };
    let is = |kept: &Definition| {
        plain(now.get(&(kept.database_name.clone(), kept.table_name.clone())).and_then(Option::as_deref))
    };
    kept.iter().any(changed) && kept.iter().all(|kept| is(kept) == plain(kept.before_sql.as_deref()))
}

fn from_aside(shape: &Shape, asides: &[&SetAside], now: &Now) -> Led {
    let Some(first) = asides.first() else { return Led::Nowhere };
    let is_here = |aside: &&SetAside| is_there(now, &aside.database_name, &aside.table_name);
    let is_aside = |aside: &&SetAside| is_there(now, &aside.kept_in, &aside.kept_as);
    if asides.iter().all(is_here) && !asides.iter().any(is_aside) {
        return Led::Back(Vec::new());
    }
    let (kept, taken) = (asides.iter().all(is_aside), asides.iter().any(is_here));
    // A name that is taken by now stays with who has it; what was emptied has it, of course.
    if !kept || taken != matches!(shape, Shape::Truncate(_)) {
        return Led::Nowhere;
    }
    Led::Back(vec![first.back.clone()])
}

/// Whether a table is now as the statement left it.
fn is_as_left(kept: &Definition, now: &Now) -> bool {
    let is = now.get(&(kept.database_name.clone(), kept.table_name.clone())).and_then(Option::as_deref);
    !kept.done || is.map(comparable) == kept.after_sql.as_deref().map(comparable)
}

fn made(kept: &Definition, now: &Now) -> Led {
    let (database, table) = (&kept.database_name, &kept.table_name);
    match kept.before_sql {
        // `IF NOT EXISTS`: it was there.
        Some(_) => Led::Back(Vec::new()),
        None if !is_as_left(kept, now) => Led::Nowhere,
        None => Led::Back(vec![format!("DROP TABLE {}", full_name(database, table))]),
    }
}

fn altered(statement: &AlterTable, kept: &[&Definition], now: &Now) -> Led {
    let (Some(old), Some(last)) = (kept.first(), kept.last()) else { return Led::Nowhere };
    let after = last
        .after_sql
        .clone()
        .or_else(|| now.get(&(last.database_name.clone(), last.table_name.clone())).cloned().flatten());
    let (Some(before), Some(after)) = (&old.before_sql, after) else { return Led::Nowhere };
    if !is_as_left(last, now) {
        return Led::Nowhere;
    }
    let renamed: Vec<(String, String)> = statement
        .ops
        .iter()
        .filter_map(|op| match &op.action {
            Action::Change(old, column) => Some((old.text.clone(), column.name.text.clone())),
            Action::RenameColumn(old, new) => Some((old.text.clone(), new.text.clone())),
            _ => None,
        })
        .collect();
    let moved = (kept.len() > 1).then(|| {
        let (new, old) = (
            full_name(&last.database_name, &last.table_name),
            full_name(&old.database_name, &old.table_name),
        );
        format!("RENAME TABLE {new} TO {old}")
    });
    let name = (last.database_name.as_str(), last.table_name.as_str());
    let same = body(before) == body(&after);
    match reverse(name, before, &after, &renamed) {
        None if !same => Led::Nowhere,
        sql => Led::Back(sql.into_iter().chain(moved).collect()),
    }
}

/// A definition without the table's name.
fn body(definition: &str) -> String {
    comparable(definition).split_once('\n').map(|(_, body)| body.to_owned()).unwrap_or_default()
}
