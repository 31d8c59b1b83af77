//! Table `task_line`: what a task's process had to say, line by line.

use crate::{Error, Pool};
use dbdesk_commands::{clock::Time, id::TaskId, wire::queue::LogLine};

/// At most `limit` lines of a task after the line `after` (0 for the start), oldest first.
pub async fn after(pool: &Pool, task: TaskId, after: u32, limit: u32) -> Result<Vec<LogLine>, Error> {
    let rows: Vec<(u32, Time, String)> = sqlx::query_as(
        "SELECT seq, at, text FROM task_line WHERE task_id = ? AND seq > ? ORDER BY seq LIMIT ?",
    )
    .bind(task.0)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(seq, at, text)| LogLine { seq, at, text }).collect())
}
