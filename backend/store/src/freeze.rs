//! Table `freeze`: times in which nothing starts.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::{GroupId, calendar::Freeze};
use dbdesk_commands::{
    clock::Time,
    id::{FreezeId, PersonId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// The most that are in force at a time.
pub const MOST: u32 = 100;

/// A freeze's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreezeRow {
    /// Its number.
    pub id: FreezeId,
    /// What it says.
    pub freeze: Freeze,
    /// Who ordered it.
    pub by: PersonId,
    /// When somebody ended it.
    pub ended_at: Option<Time>,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    service_group_id: Option<u64>,
    from_at: Time,
    until_at: Option<Time>,
    reason: String,
    by_id: u64,
    ended_at: Option<Time>,
}

impl From<Row> for FreezeRow {
    fn from(row: Row) -> Self {
        Self {
            id: FreezeId(row.id),
            freeze: Freeze {
                group: row.service_group_id.map(GroupId),
                from: row.from_at,
                until: row.until_at,
                reason: row.reason,
            },
            by: PersonId(row.by_id),
            ended_at: row.ended_at,
        }
    }
}

/// Writes one down.
pub async fn insert(tx: &mut Tx, freeze: &Freeze, by: PersonId, at: Time) -> Result<FreezeId, Error> {
    let made = sqlx::query(
        "INSERT INTO freeze (service_group_id, from_at, until_at, reason, by_id, created_at) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(freeze.group.map(|group| group.0))
    .bind(freeze.from)
    .bind(freeze.until)
    .bind(&freeze.reason)
    .bind(by.0)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(FreezeId(made.last_insert_id()))
}

/// Those in force at `now`, the newest first.
pub async fn in_force(from: impl MySqlExecutor<'_>, now: Time) -> Result<Vec<FreezeRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, service_group_id, from_at, until_at, reason, by_id, ended_at FROM freeze \
         WHERE ended_at IS NULL AND (until_at IS NULL OR until_at > ?) ORDER BY id DESC LIMIT ?",
    )
    .bind(now)
    .bind(MOST)
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(FreezeRow::from).collect())
}

/// One of them.
pub async fn get(pool: &Pool, id: FreezeId) -> Result<Option<FreezeRow>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, service_group_id, from_at, until_at, reason, by_id, ended_at FROM freeze WHERE id = ?",
    )
    .bind(id.0)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(FreezeRow::from))
}

/// Ends one. `false`: it has ended.
pub async fn end(tx: &mut Tx, id: FreezeId, by: PersonId, at: Time) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE freeze SET ended_at = ?, ended_by = ? \
         WHERE id = ? AND ended_at IS NULL AND (until_at IS NULL OR until_at > ?)",
    )
    .bind(at)
    .bind(by.0)
    .bind(id.0)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
