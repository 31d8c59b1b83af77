//! Table `task_line`: what a task's process had to say, line by line.

use crate::{Error, Pool};
use dbdesk_commands::{clock::Time, id::TaskId, wire::queue::LogLine};
use serde::{Deserialize, Serialize};
use sqlx::{MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::BTreeMap;

/// Tasks whose lines are forgotten at a time.
const AT_ONCE: u32 = 200;

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

/// At most `limit` lines of several tasks, each after its line (0 for the start), task by task, oldest first.
pub async fn of_each(
    pool: &Pool,
    after: &BTreeMap<TaskId, u32>,
    limit: u32,
) -> Result<Vec<(TaskId, LogLine)>, Error> {
    if after.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new("SELECT task_id, seq, at, text FROM task_line WHERE ");
    for (at, (task, seq)) in after.iter().enumerate() {
        query.push(if at == 0 { "(task_id = " } else { " OR (task_id = " }).push_bind(task.0);
        query.push(" AND seq > ").push_bind(*seq).push(")");
    }
    query.push(" ORDER BY task_id, seq LIMIT ").push_bind(limit);
    let rows: Vec<(u64, u32, Time, String)> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(task, seq, at, text)| (TaskId(task), LogLine { seq, at, text })).collect())
}

/// Forgets the lines of tasks that ended before `before`; looks at so many tasks from the first with lines, and gives the last that it
/// looked at, or `None` when there is nothing more to forget.
pub async fn forget(pool: &Pool, after: TaskId, before: Time) -> Result<Option<TaskId>, Error> {
    let rows: Vec<(u64, i64)> = sqlx::query_as(
        "SELECT l.task_id, CAST(t.ended_at IS NULL OR t.ended_at >= ? AS SIGNED) FROM \
         (SELECT DISTINCT task_id FROM task_line WHERE task_id > ? ORDER BY task_id LIMIT ?) l JOIN task t ON t.id = l.task_id",
    )
    .bind(before)
    .bind(after.0)
    .bind(AT_ONCE)
    .fetch_all(pool)
    .await?;
    let last = rows.iter().map(|(task, _)| *task).max();
    let old: Vec<u64> = rows.into_iter().filter(|(_, stays)| *stays == 0).map(|(task, _)| task).collect();
    if old.is_empty() {
        return Ok(None);
    }
    let mut query = QueryBuilder::<MySql>::new("DELETE FROM task_line WHERE task_id IN (");
    let mut ids = query.separated(", ");
    for task in old {
        ids.push_bind(task);
    }
    query.push(")").build().execute(pool).await?;
    Ok(last.map(TaskId))
}

/// A line and when it was said.
pub type Line = (Time, String);

/// Lines that follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// So many come before them.
    pub before: u32,
    /// They; at most some hundreds.
    pub lines: Vec<Line>,
}

/// Adds lines. Those that stand there already stay as they are, so that a write whose answer was lost can be made again. A process
/// that has lost its lease may still add what it had to say.
pub async fn add(to: impl MySqlExecutor<'_>, task: TaskId, lines: &Lines) -> Result<(), Error> {
    if lines.lines.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::<MySql>::new("INSERT IGNORE INTO task_line (task_id, seq, at, text) ");
    query.push_values((lines.before + 1..).zip(&lines.lines), |mut row, (seq, (at, text))| {
        row.push_bind(task.0).push_bind(seq).push_bind(at).push_bind(text);
    });
    query.build().execute(to).await?;
    Ok(())
}
