//! Table `task`: whether the process that holds a task answers. It proves its lease every few seconds; one that has not for longer is
//! silent, by the store's clock alone. That decides nothing: the end of the lease does.

use crate::{Error, Pool, begin, entry, queue::Held, run::Lease, ticket};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{entry::Event, person::Actor},
};
use sqlx::FromRow;

/// When a process counts as silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a lease lasts.
    pub lease_ms: u64,
    /// A lease that was not proven for so long makes its process silent.
    pub silent_after_ms: u64,
}

impl Patience {
    /// So much of the lease is left, at least, where its process answers.
    fn left_ms(self) -> u64 {
        self.lease_ms.saturating_sub(self.silent_after_ms)
    }
}

#[derive(FromRow)]
struct Row {
    id: u64,
    ticket_id: u64,
    epoch: u64,
    is_silent: i64,
}

/// Tasks whose process fell silent or answers again since that was last told, and whether it is silent; at most `limit`.
pub async fn changed(pool: &Pool, patience: Patience, limit: u32) -> Result<Vec<(Lease, bool)>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, ticket_id, epoch, is_silent FROM (SELECT id, ticket_id, epoch, silent, CAST(COALESCE( \
         lease_until < UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, 1) AS SIGNED) AS is_silent FROM task \
         WHERE state IN ('running', 'paused')) AS held WHERE silent <> is_silent LIMIT ?",
    )
    .bind(patience.left_ms())
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let lease = |row: &Row| Lease { task: TaskId(row.id), ticket: TicketId(row.ticket_id), epoch: row.epoch };
    Ok(rows.iter().map(|row| (lease(row), row.is_silent != 0)).collect())
}

/// Notes and tells that a process fell silent, or answers again. `false`: that was told, or is not so any more.
pub async fn tell(
    pool: &Pool,
    lease: &Lease,
    silent: bool,
    patience: Patience,
    at: Time,
) -> Result<bool, Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(false) };
    let done = sqlx::query(
        "UPDATE task SET silent = ? WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND silent <> ? \
         AND COALESCE(lease_until < UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, 1) = ?",
    )
    .bind(silent)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(silent)
    .bind(patience.left_ms())
    .bind(silent)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let event = if silent { Event::Silent { ms: patience.silent_after_ms } } else { Event::Answers };
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, &event, None).await?;
    tx.commit().await?;
    Ok(true)
}

/// Tells what was done about a process that did not hear that it is to stop.
pub async fn forced(pool: &Pool, held: &Held, event: &Event, at: Time) -> Result<(), Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, held.ticket).await? else { return Ok(()) };
    entry::append(&mut tx, &ticket, Some(held.task), &Actor::Desk, at, event, None).await?;
    tx.commit().await
}
