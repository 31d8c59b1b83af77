//! Table `set_aside`: tables that were renamed into another schema instead of being dropped.

use crate::{Error, Pool};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct SetAside {
    /// The task that did it.
    pub task_id: u64,
    /// In which statement, from 0.
    pub statement: u32,
    /// Its name there.
    pub kept_as: String,
    /// The schema.
    pub kept_in: String,
    /// Its database before.
    pub database_name: String,
    /// Its name before.
    pub table_name: String,
    /// What brings it back.
    pub back: String,
}

/// Notes that a table is about to be set aside. What stands there already was written by the same call.
pub async fn put(
    to: impl MySqlExecutor<'_>,
    (ticket, group): (TicketId, GroupId),
    aside: &SetAside,
    at: Time,
) -> Result<(), Error> {
    sqlx::query(
        "REPLACE INTO set_aside (task_id, statement, kept_as, ticket_id, service_group_id, kept_in, database_name, table_name, back, \
         created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(aside.task_id)
    .bind(aside.statement)
    .bind(&aside.kept_as)
    .bind(ticket.0)
    .bind(group.0)
    .bind(&aside.kept_in)
    .bind(&aside.database_name)
    .bind(&aside.table_name)
    .bind(&aside.back)
    .bind(at)
    .execute(to)
    .await?;
    Ok(())
}

/// What a ticket set aside that is not gone yet, of the statements that ran, in the order in which they did.
pub async fn of_ticket(from: impl MySqlExecutor<'_>, ticket: TicketId) -> Result<Vec<SetAside>, Error> {
    Ok(sqlx::query_as(
        "SELECT a.task_id, a.statement, a.kept_as, a.kept_in, a.database_name, a.table_name, a.back FROM set_aside a \
         JOIN task t ON t.id = a.task_id WHERE a.ticket_id = ? AND a.statement < t.done AND a.gone_at IS NULL AND \
         NOT EXISTS (SELECT 1 FROM passed_over p WHERE p.task_id = a.task_id AND p.statement = a.statement) \
         ORDER BY a.task_id, a.statement, a.kept_as",
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
) -> Result<Vec<SetAside>, Error> {
    Ok(sqlx::query_as(
        "SELECT task_id, statement, kept_as, kept_in, database_name, table_name, back FROM set_aside \
         WHERE task_id = ? AND statement = ? ORDER BY kept_as",
    )
    .bind(task.0)
    .bind(statement)
    .fetch_all(from)
    .await?)
}

/// One whose time has come, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// On whose servers.
    pub group: GroupId,
    /// It.
    pub aside: SetAside,
}

#[derive(FromRow)]
struct DueRow {
    service_group_id: u64,
    #[sqlx(flatten)]
    aside: SetAside,
}

/// Those set aside before `before` that are still there, the oldest first; at most `limit`.
pub async fn due(pool: &Pool, before: Time, limit: u32) -> Result<Vec<Due>, Error> {
    let rows: Vec<DueRow> = sqlx::query_as(
        "SELECT service_group_id, task_id, statement, kept_as, kept_in, database_name, table_name, back FROM set_aside \
         WHERE gone_at IS NULL AND created_at < ? ORDER BY created_at LIMIT ?",
    )
    .bind(before)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let due = |row: DueRow| Due { group: GroupId(row.service_group_id), aside: row.aside };
    Ok(rows.into_iter().map(due).collect())
}

/// Notes that it is gone.
pub async fn gone(pool: &Pool, aside: &SetAside, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE set_aside SET gone_at = ? WHERE task_id = ? AND statement = ? AND kept_as = ?")
        .bind(at)
        .bind(aside.task_id)
        .bind(aside.statement)
        .bind(&aside.kept_as)
        .execute(pool)
        .await?;
    Ok(())
}
