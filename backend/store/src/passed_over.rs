//! Table `passed_over`: statements on numbered tables that failed, after which a ticket went on as it was told to.

use crate::{Error, task::TaskRow};
use dbdesk_commands::id::TaskId;
use sqlx::mysql::MySqlExecutor;

/// Notes one.
pub async fn put(to: impl MySqlExecutor<'_>, task: TaskId, statement: u32) -> Result<(), Error> {
    sqlx::query("INSERT IGNORE INTO passed_over (task_id, statement) VALUES (?, ?)")
        .bind(task.0)
        .bind(statement)
        .execute(to)
        .await?;
    Ok(())
}

/// How many a task passed over.
pub async fn count(from: impl MySqlExecutor<'_>, task: TaskId) -> Result<u32, Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM passed_over WHERE task_id = ?")
        .bind(task.0)
        .fetch_one(from)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What a task leaves to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The first statement, from 0; the number of all where nothing is left.
    pub first: u32,
    /// All of them, where that is not simply all from the first on.
    pub todo: Option<Vec<u32>>,
}

impl Left {
    /// Whether this statement is among it.
    #[must_use]
    pub fn has(&self, index: u32) -> bool {
        match &self.todo {
            Some(todo) => todo.binary_search(&index).is_ok(),
            None => index >= self.first,
        }
    }
}

/// What is left of the work of `task`, which goes on at its statement `from`: that, and whatever was passed over before.
pub async fn left(store: impl MySqlExecutor<'_>, task: &TaskRow, from: u32) -> Result<Left, Error> {
    let mut todo: Vec<u32> = sqlx::query_scalar(
        "SELECT statement FROM passed_over WHERE task_id = ? AND statement < ? ORDER BY statement",
    )
    .bind(task.id.0)
    .bind(from)
    .fetch_all(store)
    .await?;
    if todo.is_empty() && task.todo.is_none() {
        return Ok(Left { first: from, todo: None });
    }
    match &task.todo {
        Some(own) => todo.extend(own.iter().filter(|index| **index >= from)),
        None => todo.extend(from..task.total),
    }
    Ok(Left { first: todo.first().copied().unwrap_or(task.total), todo: Some(todo) })
}
