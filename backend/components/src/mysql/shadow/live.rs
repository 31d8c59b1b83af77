//! What a shadow is made of, read from the live server: definitions, never rows.

use super::{
    super::{
        connect::{OpenError, open_error, server_error},
        facts,
    },
    Limits,
};
use dbdesk_review::{
    facts::TableName,
    shadow::{Copy, Plan, What},
};
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow},
};
use std::collections::{BTreeMap, BTreeSet};

/// Unknown database, unknown table.
const ABSENT: [u16; 2] = [1049, 1146];
/// Session variables that decide which DDL a server takes.
const SETTINGS: [&str; 6] = [
    "sql_mode",
    "default_storage_engine",
    "innodb_strict_mode",
    "explicit_defaults_for_timestamp",
    "sql_require_primary_key",
    "sql_generate_invisible_primary_key",
];

/// The live side of a shadow.
pub(super) struct Live {
    /// Every database that is named or referred to, with its character set and collation.
    pub(super) databases: BTreeMap<String, Option<(String, String)>>,
    /// Tables that can be copied.
    pub(super) tables: BTreeMap<TableName, Copy>,
    /// Tables that are there and can not be copied: views, too large, too many, not allowed to be seen.
    pub(super) uncopied: BTreeSet<TableName>,
    /// How sessions are set there.
    pub(super) settings: Vec<(String, String)>,
}

pub(super) async fn read(
    server: &MySqlConnectOptions,
    plan: &Plan,
    limits: &Limits,
) -> Result<Live, OpenError> {
    let each = facts::Limits { connect: limits.connect, each: limits.total, ..facts::Limits::default() };
    let (mut connection, ..) = facts::open(server, &each).await?;
    let live = all(&mut connection, plan, limits).await.map_err(|error| open_error(&error))?;
    let _ = tokio::time::timeout(limits.connect, connection.close()).await;
    Ok(live)
}

async fn all(connection: &mut MySqlConnection, plan: &Plan, limits: &Limits) -> Result<Live, sqlx::Error> {
    let mut live = Live {
        databases: BTreeMap::new(),
        tables: BTreeMap::new(),
        uncopied: BTreeSet::new(),
        settings: settings(connection).await?,
    };
    for name in &plan.tables {
        live.copy(connection, name, limits).await?;
    }
    // What the changed tables refer to and what refers to them, one step far: without, keys could not be judged.
    let changed: BTreeSet<&TableName> = plan
        .steps
        .iter()
        .filter(|step| step.what == What::Apply)
        .flat_map(|step| &step.tables)
        .filter(|name| live.tables.contains_key(name))
        .collect();
    let related = related(connection, &changed).await?;
    for name in &related {
        live.copy(connection, name, limits).await?;
    }
    let named = plan.tables.iter().filter_map(|name| name.database.clone());
    let referred = live.tables.values().flat_map(Copy::databases).map(str::to_owned);
    let databases: BTreeSet<String> = named.chain(referred).chain([plan.database.clone()]).collect();
    for database in databases {
        let charset = charset(connection, &database).await?;
        live.databases.insert(database, charset);
    }
    Ok(live)
}

impl Live {
    async fn copy(
        &mut self,
        connection: &mut MySqlConnection,
        name: &TableName,
        limits: &Limits,
    ) -> Result<(), sqlx::Error> {
        if self.tables.contains_key(name) || self.uncopied.contains(name) {
            return Ok(());
        }
        if self.tables.len() >= limits.tables {
            self.uncopied.insert(name.clone());
            return Ok(());
        }
        let definition = match definition(connection, name).await {
            Ok(definition) => definition,
            Err(error) => match server_error(&error) {
                Some((code, _)) if ABSENT.contains(&code) => return Ok(()),
                // Not allowed to see it, a broken view …: it may be there.
                Some(_) => None,
                None => return Err(error),
            },
        };
        let small = definition.filter(|text| text.len() <= limits.definition_bytes);
        match small.as_deref().and_then(Copy::of) {
            Some(copy) => {
                self.tables.insert(name.clone(), copy);
            }
            None => {
                self.uncopied.insert(name.clone());
            }
        }
        Ok(())
    }
}

/// What `SHOW CREATE TABLE` says; nothing for a view.
pub(super) async fn definition(
    connection: &mut MySqlConnection,
    name: &TableName,
) -> Result<Option<String>, sqlx::Error> {
    let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
    let database = name.database.as_deref().map(|database| quoted(database) + ".").unwrap_or_default();
    let sql = AssertSqlSafe(format!("SHOW CREATE TABLE {database}{}", quoted(&name.table)));
    let row = sqlx::raw_sql(sql).fetch_one(connection).await?;
    // Of a view it has four columns.
    if row.len() == 2 { row.try_get_unchecked(1).map(Some) } else { Ok(None) }
}

async fn settings(connection: &mut MySqlConnection) -> Result<Vec<(String, String)>, sqlx::Error> {
    let names: Vec<String> = SETTINGS.iter().map(|name| format!("'{name}'")).collect();
    let sql = format!("SHOW SESSION VARIABLES WHERE Variable_name IN ({})", names.join(", "));
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((text(row, 0)?, text(row, 1)?))).collect()
}

async fn charset(
    connection: &mut MySqlConnection,
    database: &str,
) -> Result<Option<(String, String)>, sqlx::Error> {
    let sql = "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata \
               WHERE schema_name = ?";
    let row = sqlx::query(sql).bind(database).fetch_optional(connection).await?;
    row.map(|row| Ok((text(&row, 0)?, text(&row, 1)?))).transpose()
}

/// Parents and children of these tables by foreign key. Children are looked for in the tables' own databases.
async fn related(
    connection: &mut MySqlConnection,
    changed: &BTreeSet<&TableName>,
) -> Result<BTreeSet<TableName>, sqlx::Error> {
    let mut by_database: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in changed {
        if let Some(database) = &name.database {
            by_database.entry(database).or_default().push(&name.table);
        }
    }
    let mut found = BTreeSet::new();
    for (database, tables) in by_database {
        let marks = vec!["?"; tables.len()].join(", ");
        for sql in [
            format!(
                "SELECT DISTINCT referenced_table_schema, referenced_table_name FROM information_schema.key_column_usage \
                 WHERE table_schema = ? AND referenced_table_name IS NOT NULL AND table_name IN ({marks})"
            ),
            format!(
                "SELECT DISTINCT table_schema, table_name FROM information_schema.key_column_usage \
                 WHERE table_schema = ? AND referenced_table_schema = table_schema AND referenced_table_name IN ({marks})"
            ),
        ] {
            let mut query = sqlx::query(AssertSqlSafe(sql)).bind(database);
            for table in &tables {
                query = query.bind(*table);
            }
            for row in query.fetch_all(&mut *connection).await? {
                found.insert(TableName { database: Some(text(&row, 0)?), table: text(&row, 1)? });
            }
        }
    }
    Ok(found)
}

fn text(row: &MySqlRow, index: usize) -> Result<String, sqlx::Error> {
    row.try_get_unchecked(index)
}
