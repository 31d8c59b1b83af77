//! Table `script_artifact`: the files that scripts hand over, for a while.

use crate::{Error, Pool, run::Lease};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// Removed at a time.
const AT_ONCE: u32 = 100;

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Which of its task, from 1.
    pub seq: u8,
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

#[derive(FromRow)]
struct Row {
    task_id: u64,
    seq: u8,
    name: String,
    media_type: String,
    content: Vec<u8>,
}

/// Keeps one, through the fence; the same again changes nothing. `false`: the lease is not ours any more.
pub async fn put(pool: &Pool, lease: &Lease, artifact: &Artifact, at: Time) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT IGNORE INTO script_artifact (task_id, seq, ticket_id, name, media_type, content, created_at) \
         SELECT id, ?, ticket_id, ?, ?, ?, ? FROM task WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(artifact.seq)
    .bind(&artifact.name)
    .bind(&artifact.media_type)
    .bind(&artifact.content)
    .bind(at)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(true);
    }
    let there: Option<i32> =
        sqlx::query_scalar("SELECT 1 FROM script_artifact WHERE task_id = ? AND seq = ?")
            .bind(lease.task.0)
            .bind(artifact.seq)
            .fetch_optional(pool)
            .await?;
    Ok(there.is_some())
}

/// Those of a ticket that are still kept, in the order in which they came; of one task alone where it is named.
pub async fn of_ticket(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    task: Option<TaskId>,
) -> Result<Vec<(TaskId, Artifact)>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT task_id, seq, name, media_type, content FROM script_artifact \
         WHERE ticket_id = ? AND task_id = COALESCE(?, (SELECT MAX(task_id) FROM script_artifact WHERE ticket_id = ?)) ORDER BY task_id, seq",
    )
    .bind(ticket.0)
    .bind(task.map(|task| task.0))
    .bind(ticket.0)
    .fetch_all(from)
    .await?;
    let artifact = |row: Row| {
        let Row { task_id, seq, name, media_type, content } = row;
        (TaskId(task_id), Artifact { seq, name, media_type, content })
    };
    Ok(rows.into_iter().map(artifact).collect())
}

/// Removes those that came before this; at most some at a time. Gives how many.
pub async fn purge(pool: &Pool, before: Time) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM script_artifact WHERE created_at < ? LIMIT ?")
        .bind(before)
        .bind(AT_ONCE)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
