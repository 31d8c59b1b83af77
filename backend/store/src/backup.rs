//! Table `backup`: the rows that statements touched, packed and sealed by whoever writes them here.

use crate::{Error, Pool};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

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
    /// It.
    pub sealed: Vec<u8>,
}

/// Writes one. What stands there already was written by the same call, whose answer was lost.
pub async fn put(
    to: impl MySqlExecutor<'_>,
    (ticket, task): (TicketId, TaskId),
    part: &Part,
    at: Time,
) -> Result<(), Error> {
    sqlx::query(
        "REPLACE INTO backup (task_id, statement, part, ticket_id, table_name, row_count, key_name, sealed, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(task.0)
    .bind(part.statement)
    .bind(part.part)
    .bind(ticket.0)
    .bind(&part.table_name)
    .bind(part.row_count)
    .bind(&part.key_name)
    .bind(&part.sealed)
    .bind(at)
    .execute(to)
    .await?;
    Ok(())
}

/// All of a task, in the order in which they were written.
pub async fn of_task(pool: &Pool, task: TaskId) -> Result<Vec<Part>, Error> {
    Ok(sqlx::query_as(
        "SELECT statement, part, table_name, row_count, key_name, sealed FROM backup WHERE task_id = ? ORDER BY statement, part",
    )
    .bind(task.0)
    .fetch_all(pool)
    .await?)
}

/// Forgets what was written before `before`, at most `limit`; gives how many.
pub async fn forget(pool: &Pool, before: Time, limit: u32) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM backup WHERE created_at < ? ORDER BY created_at LIMIT ?")
        .bind(before)
        .bind(limit)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
