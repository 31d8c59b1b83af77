//! Table `sharded_table`. `spec` keeps the table whole, as the inventory wrote it.

use crate::{Error, Pool, Tx, service_group::Put};
use dbdesk_cmdb::ShardedTable;
use dbdesk_commands::clock::Time;
use sqlx::{MySql, QueryBuilder};
use std::collections::BTreeSet;

/// The most sharded tables that one answer lists.
const MOST: u32 = 5_000;
/// The most names that one question has.
const ASKED_AT_ONCE: usize = 1_000;

fn read(spec: &str) -> Result<ShardedTable, Error> {
    serde_json::from_str(spec).map_err(|error| Error::Fault(error.into()))
}

/// Every sharded table, by name.
pub async fn all(pool: &Pool) -> Result<Vec<ShardedTable>, Error> {
    let specs: Vec<String> = sqlx::query_scalar("SELECT spec FROM sharded_table ORDER BY name LIMIT ?")
        .bind(MOST)
        .fetch_all(pool)
        .await?;
    specs.iter().map(|spec| read(spec)).collect()
}

/// Those with these names, by name.
pub async fn named(pool: &Pool, names: &BTreeSet<String>) -> Result<Vec<ShardedTable>, Error> {
    let names: Vec<&String> = names.iter().collect();
    let mut found = Vec::new();
    for names in names.chunks(ASKED_AT_ONCE) {
        let mut query = QueryBuilder::<MySql>::new("SELECT spec FROM sharded_table WHERE name IN (");
        let mut list = query.separated(", ");
        for name in names {
            list.push_bind(*name);
        }
        query.push(") ORDER BY name");
        let specs: Vec<String> = query.build_query_scalar().fetch_all(pool).await?;
        for spec in specs {
            found.push(read(&spec)?);
        }
    }
    Ok(found)
}

/// Makes a sharded table what the inventory says.
pub async fn put(tx: &mut Tx, table: &ShardedTable, at: Time) -> Result<Put, Error> {
    let spec = serde_json::to_string(table).map_err(|error| Error::Fault(error.into()))?;
    let before: Option<String> =
        sqlx::query_scalar("SELECT spec FROM sharded_table WHERE name = ? FOR UPDATE")
            .bind(&table.name)
            .fetch_optional(&mut **tx)
            .await?;
    match before {
        Some(old) if old == spec => Ok(Put::Same),
        Some(_) => {
            sqlx::query(
                "UPDATE sharded_table SET spec = ?, version = version + 1, updated_at = ? WHERE name = ?",
            )
            .bind(&spec)
            .bind(at)
            .bind(&table.name)
            .execute(&mut **tx)
            .await?;
            Ok(Put::Changed)
        }
        None => {
            sqlx::query("INSERT INTO sharded_table (name, spec, updated_at) VALUES (?, ?, ?)")
                .bind(&table.name)
                .bind(&spec)
                .bind(at)
                .execute(&mut **tx)
                .await?;
            Ok(Put::Added)
        }
    }
}
