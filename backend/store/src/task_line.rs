//! Table `task_line`: what a task's process had to say, line by line.

use crate::{Error, Pool, run::Lease};
use dbdesk_commands::{clock::Time, id::TaskId, wire::queue::LogLine};
use sqlx::{MySql, QueryBuilder};

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

/// Adds lines behind the first `before`; at most some hundreds at once. Those that stand there already stay as they are, so that a
/// write whose answer was lost can be made again. A process that has lost its lease may still add what it had to say.
pub async fn add(pool: &Pool, lease: &Lease, before: u32, lines: &[(Time, String)]) -> Result<(), Error> {
    let mut query = QueryBuilder::<MySql>::new("INSERT IGNORE INTO task_line (task_id, seq, at, text) ");
    query.push_values((before + 1..).zip(lines), |mut row, (seq, (at, text))| {
        row.push_bind(lease.task.0).push_bind(seq).push_bind(at).push_bind(text);
    });
    query.build().execute(pool).await?;
    Ok(())
}
