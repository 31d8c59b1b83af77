//! Table `definition`: what tables were before a statement that changes structure, and what it left.

use crate::{Error, Pool};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// One table of one statement.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Definition {
    /// Which statement of the script, from 0.
    pub statement: u32,
    /// Which of its tables, from 0.
    pub part: u32,
    /// The database.
    pub database_name: String,
    /// The table.
    pub table_name: String,
    /// Before; `None`: there was no such table.
    pub before_sql: Option<String>,
    /// After, where [`Definition::done`].
    pub after_sql: Option<String>,
    /// What it left is known.
    pub done: bool,
}

/// Writes one, or what is known of it by now.
pub async fn put(
    to: impl MySqlExecutor<'_>,
    (ticket, task): (TicketId, TaskId),
    definition: &Definition,
    at: Time,
) -> Result<(), Error> {
    sqlx::query(
        "REPLACE INTO definition (task_id, statement, part, ticket_id, database_name, table_name, before_sql, after_sql, done, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(task.0)
    .bind(definition.statement)
    .bind(definition.part)
    .bind(ticket.0)
    .bind(&definition.database_name)
    .bind(&definition.table_name)
    .bind(&definition.before_sql)
    .bind(&definition.after_sql)
    .bind(definition.done)
    .bind(at)
    .execute(to)
    .await?;
    Ok(())
}

/// Of the statements of a ticket that ran, in the order in which they did.
pub async fn of_ticket(from: impl MySqlExecutor<'_>, ticket: TicketId) -> Result<Vec<Definition>, Error> {
    Ok(sqlx::query_as(
        "SELECT d.statement, d.part, d.database_name, d.table_name, d.before_sql, d.after_sql, d.done FROM definition d \
         JOIN task t ON t.id = d.task_id WHERE d.ticket_id = ? AND d.statement < t.done AND \
         NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = d.task_id AND p.statement = d.statement) \
         ORDER BY d.task_id, d.statement, d.part",
    )
    .bind(ticket.0)
    .fetch_all(from)
    .await?)
}

/// Of one statement of a task.
pub async fn of_statement(
    from: impl MySqlExecutor<'_>,
    task: TaskId,
    statement: u32,
) -> Result<Vec<Definition>, Error> {
    Ok(sqlx::query_as(
        "SELECT statement, part, database_name, table_name, before_sql, after_sql, done FROM definition \
         WHERE task_id = ? AND statement = ? ORDER BY part",
    )
    .bind(task.0)
    .bind(statement)
    .fetch_all(from)
    .await?)
}

/// Forgets what was written before `before`, at most `limit`; gives how many.
pub async fn forget(pool: &Pool, before: Time, limit: u32) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM definition WHERE created_at < ? ORDER BY created_at LIMIT ?")
        .bind(before)
        .bind(limit)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
