//! Table `delegation`: who stands in for whom, from when until when.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{DelegationId, PersonId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};
use std::collections::BTreeSet;

/// The most that are open for one person, on either side.
pub const MOST: u32 = 50;

/// A delegation's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationRow {
    /// Its number.
    pub id: DelegationId,
    /// What it says.
    pub delegation: Delegation,
    /// When somebody ended it.
    pub ended_at: Option<Time>,
}

/// Somebody stands in for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Who is away.
    pub person: PersonId,
    /// Who stands in.
    pub to: PersonId,
    /// From when
    pub from: Time,
    /// until when.
    pub until: Time,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: PersonId,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    person_id: u64,
    to_id: u64,
    from_at: Time,
    until_at: Time,
    reason: String,
    created_by: u64,
    ended_at: Option<Time>,
}

impl From<Row> for DelegationRow {
    fn from(row: Row) -> Self {
        Self {
            id: DelegationId(row.id),
            delegation: Delegation {
                person: PersonId(row.person_id),
                to: PersonId(row.to_id),
                from: row.from_at,
                until: row.until_at,
                reason: row.reason,
                by: PersonId(row.created_by),
            },
            ended_at: row.ended_at,
        }
    }
}

const COLUMNS: &str = "id, person_id, to_id, from_at, until_at, reason, created_by, ended_at";

/// Writes one down.
pub async fn insert(tx: &mut Tx, it: &Delegation, at: Time) -> Result<DelegationId, Error> {
    let made = sqlx::query(
        "INSERT INTO delegation (person_id, to_id, from_at, until_at, reason, created_by, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(it.person.0)
    .bind(it.to.0)
    .bind(it.from)
    .bind(it.until)
    .bind(&it.reason)
    .bind(it.by.0)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(DelegationId(made.last_insert_id()))
}

/// The one with this number, locked.
pub async fn lock(tx: &mut Tx, id: DelegationId) -> Result<Option<DelegationRow>, Error> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM delegation WHERE id = ? FOR UPDATE"
    )))
    .bind(id.0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(DelegationRow::from))
}

/// Ends one.
pub async fn end(tx: &mut Tx, id: DelegationId, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE delegation SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
        .bind(at)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Those for whom this person stands in at `now`.
pub async fn standing_in(
    from: impl MySqlExecutor<'_>,
    to: PersonId,
    now: Time,
) -> Result<BTreeSet<PersonId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT DISTINCT person_id FROM delegation WHERE to_id = ? AND person_id <> to_id AND ended_at IS NULL AND from_at <= ? AND until_at > ? \
         LIMIT ?",
    )
    .bind(to.0)
    .bind(now)
    .bind(now)
    .bind(MOST)
    .fetch_all(from)
    .await?;
    Ok(ids.into_iter().map(PersonId).collect())
}

/// Everybody who stands in for somebody at `now`: (who is away, who stands in).
pub async fn now(from: impl MySqlExecutor<'_>, now: Time) -> Result<Vec<(PersonId, PersonId)>, Error> {
    let rows: Vec<(u64, u64)> = sqlx::query_as(
        "SELECT DISTINCT person_id, to_id FROM delegation WHERE ended_at IS NULL AND from_at <= ? AND until_at > ? LIMIT 1000",
    )
    .bind(now)
    .bind(now)
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(|(person, to)| (PersonId(person), PersonId(to))).collect())
}

/// Those that are open or still come, the next first: of one person on either side, or of all.
pub async fn open(pool: &Pool, of: Option<PersonId>, now: Time) -> Result<Vec<DelegationRow>, Error> {
    let of = of.map(|person| person.0);
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM delegation WHERE ended_at IS NULL AND until_at > ? AND (? IS NULL OR person_id = ? OR to_id = ?) \
         ORDER BY from_at, id LIMIT ?"
    )))
    .bind(now)
    .bind(of)
    .bind(of)
    .bind(of)
    .bind(MOST)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(DelegationRow::from).collect())
}

/// An open one of this person to that one that holds for all of a time; the caller has locked his row.
pub async fn covering(
    tx: &mut Tx,
    (person, to): (PersonId, PersonId),
    (from, until): (Time, Time),
) -> Result<Option<DelegationId>, Error> {
    let id: Option<u64> = sqlx::query_scalar(
        "SELECT id FROM delegation WHERE person_id = ? AND to_id = ? AND ended_at IS NULL AND from_at <= ? AND until_at >= ? LIMIT 1",
    )
    .bind(person.0)
    .bind(to.0)
    .bind(from)
    .bind(until)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(DelegationId))
}

/// How many of a person's are open or still come; the caller has locked his row.
pub async fn count(tx: &mut Tx, person: PersonId, now: Time) -> Result<usize, Error> {
    let open: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM delegation WHERE person_id = ? AND ended_at IS NULL AND until_at > ?",
    )
    .bind(person.0)
    .bind(now)
    .fetch_one(&mut **tx)
    .await?;
    Ok(usize::try_from(open).unwrap_or_default())
}
