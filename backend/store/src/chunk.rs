//! Table `chunk`: how far a change of more rows than are kept at once has come.

use crate::{Error, run::Lease};
use dbdesk_commands::id::TaskId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// The values of a key.
pub type Key = Vec<Option<String>>;

/// How far it is, by what is committed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Course {
    /// What `NOW()` says in all of it: seconds since 1970.
    pub moment: String,
    /// The columns of the key.
    pub key_columns: Vec<String>,
    /// The key of the last row of the table when it began.
    pub end_key: Key,
    /// The key up to which the rows were looked at.
    pub upto: Option<Key>,
    /// Parts of this task's backup that count.
    pub parts: u32,
    /// Chunks, those of earlier tasks included.
    pub chunks: u32,
    /// Rows that they touched, likewise.
    pub rows: u64,
    /// Rows that were looked at, likewise.
    pub looked_at: u64,
}

/// The chunk that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Up to which key.
    pub upto: Key,
    /// Parts that count with it.
    pub parts: u32,
    /// Rows that are touched with it.
    pub rows: u64,
}

#[derive(FromRow)]
struct Found {
    moment: String,
    key_columns: String,
    end_key: String,
    upto: Option<String>,
    parts: u32,
    chunks: u32,
    row_count: u64,
    looked_at: u64,
}

impl Found {
    fn course(self) -> Result<Course, Error> {
        let Self { moment, key_columns, end_key, upto, parts, chunks, row_count: rows, looked_at } = self;
        Ok(Course {
            moment,
            key_columns: of_text(&key_columns)?,
            end_key: of_text(&end_key)?,
            upto: upto.as_deref().map(of_text).transpose()?,
            parts,
            chunks,
            rows,
            looked_at,
        })
    }
}

fn of_text<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Fault(error.into()))
}

fn text(list: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(list).map_err(|error| Error::Fault(error.into()))
}

/// The newest of a statement of the revision of which this task is one, by whichever task.
pub async fn newest(
    from: impl MySqlExecutor<'_>,
    lease: &Lease,
    statement: u32,
) -> Result<Option<Course>, Error> {
    let row: Option<Found> = sqlx::query_as(
        "SELECT c.moment, c.key_columns, c.end_key, c.upto, c.parts, c.chunks, c.row_count, c.looked_at FROM chunk c \
         JOIN task t ON t.id = c.task_id JOIN task own ON own.id = ? AND own.revision = t.revision \
         WHERE c.ticket_id = ? AND c.statement = ? ORDER BY c.task_id DESC LIMIT 1",
    )
    .bind(lease.task.0)
    .bind(lease.ticket.0)
    .bind(statement)
    .fetch_optional(from)
    .await?;
    row.map(Found::course).transpose()
}

/// That of a task.
pub async fn of_task(
    from: impl MySqlExecutor<'_>,
    task: TaskId,
    statement: u32,
) -> Result<Option<Course>, Error> {
    let row: Option<Found> = sqlx::query_as(
        "SELECT moment, key_columns, end_key, upto, parts, chunks, row_count, looked_at FROM chunk WHERE task_id = ? AND statement = ?",
    )
    .bind(task.0)
    .bind(statement)
    .fetch_optional(from)
    .await?;
    row.map(Found::course).transpose()
}

/// Notes that a task begins, or goes on where another one ended.
pub async fn begin(
    to: impl MySqlExecutor<'_>,
    lease: &Lease,
    statement: u32,
    course: &Course,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO chunk (task_id, statement, ticket_id, moment, key_columns, end_key, upto, parts, chunks, row_count, looked_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE statement = statement",
    )
    .bind(lease.task.0)
    .bind(statement)
    .bind(lease.ticket.0)
    .bind(&course.moment)
    .bind(text(&course.key_columns)?)
    .bind(text(&course.end_key)?)
    .bind(course.upto.as_ref().map(text).transpose()?)
    .bind(course.parts)
    .bind(course.chunks)
    .bind(course.rows)
    .bind(course.looked_at)
    .execute(to)
    .await?;
    Ok(())
}

/// Notes the chunk that is about to be committed.
pub async fn sending(
    to: impl MySqlExecutor<'_>,
    task: TaskId,
    statement: u32,
    next: &Next,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE chunk SET next_upto = ?, next_parts = ?, next_rows = ? WHERE task_id = ? AND statement = ?",
    )
    .bind(text(&next.upto)?)
    .bind(next.parts)
    .bind(next.rows)
    .bind(task.0)
    .bind(statement)
    .execute(to)
    .await?;
    Ok(())
}

/// Notes what is committed; `false`: the lease is not its any more.
pub async fn done(
    to: impl MySqlExecutor<'_>,
    lease: &Lease,
    statement: u32,
    course: &Course,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE chunk c JOIN task t ON t.id = c.task_id SET c.upto = ?, c.parts = ?, c.chunks = ?, c.row_count = ?, c.looked_at = ?, \
         c.next_upto = NULL, c.next_parts = NULL, c.next_rows = NULL \
         WHERE c.task_id = ? AND c.statement = ? AND t.epoch = ? AND t.state IN ('running', 'paused') AND t.in_flight = c.statement",
    )
    .bind(course.upto.as_ref().map(text).transpose()?)
    .bind(course.parts)
    .bind(course.chunks)
    .bind(course.rows)
    .bind(course.looked_at)
    .bind(lease.task.0)
    .bind(statement)
    .bind(lease.epoch)
    .execute(to)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The chunk that was under way when a task vanished did run, as was found or a person says. `false`: none was,
/// or a newer task works on it; other lanes of the same run do not.
pub async fn ran(to: impl MySqlExecutor<'_>, task: TaskId, statement: u32) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE chunk SET row_count = next_rows, upto = next_upto, parts = next_parts, chunks = chunks + 1, \
         next_upto = NULL, next_parts = NULL, next_rows = NULL WHERE task_id = ? AND statement = ? AND next_upto IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM task own JOIN task t ON t.ticket_id = own.ticket_id AND t.id > own.id \
         WHERE own.id = chunk.task_id AND (own.lane_of IS NULL OR COALESCE(t.lane_of, 0) <> own.lane_of OR t.retry_of = own.id))",
    )
    .bind(task.0)
    .bind(statement)
    .execute(to)
    .await?;
    Ok(done.rows_affected() > 0)
}
