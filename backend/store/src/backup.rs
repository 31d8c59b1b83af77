//! Table `backup`: the rows that statements touched, packed and sealed by whoever writes them here. Their bytes are here or in a bucket;
//! each row says where.

use crate::{Error, Pool};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
};
use sqlx::{
    AssertSqlSafe, FromRow, Row as _,
    mysql::{MySqlExecutor, MySqlRow},
};

/// What a statement did to one table, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Part {
    /// Which statement of the script, from 0.
    pub statement: u32,
    /// Which part, from 0, in the order in which they were read.
    pub part: u32,
    /// `database.table`
    pub table_name: String,
    /// Rows in it.
    pub row_count: u32,
    /// The key that sealed it.
    pub key_name: String,
    /// Its bytes.
    #[sqlx(flatten)]
    pub bytes: Bytes,
}

/// Where the sealed bytes of a part are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bytes {
    /// In the row.
    Here(Vec<u8>),
    /// In a bucket.
    Away(Object),
}

/// Bytes that are kept as an object of S3-compatible storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its bucket.
    pub bucket: String,
    /// Its name there.
    pub name: String,
    /// How many.
    pub size: u32,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

impl FromRow<'_, MySqlRow> for Bytes {
    fn from_row(row: &MySqlRow) -> sqlx::Result<Self> {
        let Some(name) = row.try_get("object")? else { return Ok(Self::Here(row.try_get("sealed")?)) };
        let sha256: Vec<u8> = row.try_get("sha256")?;
        let sha256 = sha256.try_into().map_err(|_| sqlx::Error::Decode("`sha256` is not one".into()))?;
        Ok(Self::Away(Object { bucket: row.try_get("bucket")?, name, size: row.try_get("size")?, sha256 }))
    }
}

/// What a [`Part`] is read from.
const COLUMNS: &str = "b.statement, b.part, b.table_name, b.row_count, b.key_name, b.sealed, b.bucket, b.object, b.size, b.sha256";

/// Writes one. What stands there already was written by the same call, whose answer was lost.
pub async fn put(
    to: impl MySqlExecutor<'_>,
    (ticket, task): (TicketId, TaskId),
    part: &Part,
    at: Time,
) -> Result<(), Error> {
    let (sealed, object) = match &part.bytes {
        Bytes::Here(sealed) => (Some(sealed), None),
        Bytes::Away(object) => (None, Some(object)),
    };
    sqlx::query(
        "REPLACE INTO backup (task_id, statement, part, ticket_id, table_name, row_count, key_name, sealed, bucket, object, size, sha256, \
         created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(task.0)
    .bind(part.statement)
    .bind(part.part)
    .bind(ticket.0)
    .bind(&part.table_name)
    .bind(part.row_count)
    .bind(&part.key_name)
    .bind(sealed)
    .bind(object.map(|object| &object.bucket))
    .bind(object.map(|object| &object.name))
    .bind(object.map(|object| object.size))
    .bind(object.map(|object| object.sha256.as_slice()))
    .bind(at)
    .execute(to)
    .await?;
    Ok(())
}

/// Whether any rows are kept of this ticket that were committed.
pub async fn has(from: impl MySqlExecutor<'_>, ticket: TicketId) -> Result<bool, Error> {
    let found: Option<i32> = sqlx::query_scalar(
        "SELECT 1 FROM backup b JOIN task t ON t.id = b.task_id \
         LEFT JOIN chunk c ON c.task_id = b.task_id AND c.statement = b.statement \
         WHERE b.ticket_id = ? AND \
         IF(c.task_id IS NULL, b.statement < t.done AND NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = b.task_id AND p.statement = b.statement), b.part < c.parts) LIMIT 1",
    )
    .bind(ticket.0)
    .fetch_optional(from)
    .await?;
    Ok(found.is_some())
}

/// Whether anything is kept of what this ticket did: rows, tables, or what tables were.
pub async fn has_any(from: impl MySqlExecutor<'_>, ticket: TicketId) -> Result<bool, Error> {
    let found: Option<i32> = sqlx::query_scalar(
        "SELECT 1 FROM task t WHERE t.ticket_id = ? AND (\
         EXISTS (SELECT 1 FROM backup b WHERE b.task_id = t.id AND b.statement < t.done AND \
         NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = b.task_id AND p.statement = b.statement)) OR \
         EXISTS (SELECT 1 FROM chunk c WHERE c.task_id = t.id AND c.parts > 0) OR \
         EXISTS (SELECT 1 FROM definition d WHERE d.task_id = t.id AND d.statement < t.done AND \
         NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = d.task_id AND p.statement = d.statement)) OR \
         EXISTS (SELECT 1 FROM set_aside a WHERE a.task_id = t.id AND a.statement < t.done AND a.gone_at IS NULL AND \
         NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = a.task_id AND p.statement = a.statement))) LIMIT 1",
    )
    .bind(ticket.0)
    .fetch_optional(from)
    .await?;
    Ok(found.is_some())
}

/// How much is kept of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Parts.
    pub parts: u64,
    /// Rows in them.
    pub rows: u64,
    /// Their bytes, packed and sealed.
    pub bytes: u64,
}

/// How much is kept of what a ticket's statements did.
pub async fn size(pool: &Pool, ticket: TicketId) -> Result<Size, Error> {
    let (parts, rows, bytes): (i64, u64, u64) = sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(b.row_count), 0) AS UNSIGNED), CAST(COALESCE(SUM(COALESCE(b.size, LENGTH(b.sealed))), 0) AS UNSIGNED) \
         FROM backup b JOIN task t ON t.id = b.task_id LEFT JOIN chunk c ON c.task_id = b.task_id AND c.statement = b.statement \
         WHERE b.ticket_id = ? AND \
         IF(c.task_id IS NULL, b.statement < t.done AND NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = b.task_id AND p.statement = b.statement), b.part < c.parts)",
    )
    .bind(ticket.0)
    .fetch_one(pool)
    .await?;
    Ok(Size { parts: parts.unsigned_abs(), rows, bytes })
}

/// A part, and the task that wrote it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OfTask {
    /// Which task.
    pub task_id: u64,
    /// It.
    #[sqlx(flatten)]
    pub part: Part,
}

/// What a ticket's statements did, in the order in which they ran. What was kept and then not committed is left out.
pub async fn of_ticket(pool: &Pool, ticket: TicketId) -> Result<Vec<OfTask>, Error> {
    Ok(sqlx::query_as(AssertSqlSafe(format!(
        "SELECT b.task_id, {COLUMNS} FROM backup b JOIN task t ON t.id = b.task_id \
         LEFT JOIN chunk c ON c.task_id = b.task_id AND c.statement = b.statement \
         WHERE b.ticket_id = ? AND \
         IF(c.task_id IS NULL, b.statement < t.done AND NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = b.task_id AND p.statement = b.statement), b.part < c.parts) ORDER BY b.task_id, b.statement, b.part"
    )))
    .bind(ticket.0)
    .fetch_all(pool)
    .await?)
}

/// Of one statement of a task, from its part `first` on, in the order in which they were written.
pub async fn of_statement(
    pool: &Pool,
    task: TaskId,
    (statement, first): (u32, u32),
) -> Result<Vec<OfTask>, Error> {
    Ok(sqlx::query_as(AssertSqlSafe(format!(
        "SELECT b.task_id, {COLUMNS} FROM backup b WHERE b.task_id = ? AND b.statement = ? AND b.part >= ? ORDER BY b.part"
    )))
    .bind(task.0)
    .bind(statement)
    .bind(first)
    .fetch_all(pool)
    .await?)
}

/// Forgets what was written here before `before`, at most `limit`; gives how many. What lies in a bucket goes after its object
/// (`backup_object`).
pub async fn forget(pool: &Pool, before: Time, limit: u32) -> Result<u64, Error> {
    let done =
        sqlx::query("DELETE FROM backup WHERE created_at < ? AND object IS NULL ORDER BY created_at LIMIT ?")
            .bind(before)
            .bind(limit)
            .execute(pool)
            .await?;
    Ok(done.rows_affected())
}

/// What so many parts need to be read.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Need {
    /// The key that sealed them.
    pub key_name: String,
    /// The bucket where they are, unless here.
    pub bucket: Option<String>,
    /// How many.
    pub parts: i64,
}

/// What all that is kept needs, the most needed first.
pub async fn needs(pool: &Pool) -> Result<Vec<Need>, Error> {
    Ok(sqlx::query_as(
        "SELECT key_name, bucket, COUNT(*) AS parts FROM backup GROUP BY key_name, bucket ORDER BY parts DESC LIMIT 100",
    )
    .fetch_all(pool)
    .await?)
}
