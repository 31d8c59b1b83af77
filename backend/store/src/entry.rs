//! Table `entry`: a ticket's log, append only.

use crate::{Error, Pool, Tx, ticket::TicketRow};
use dbdesk_commands::{
    clock::Time,
    id::{EntryId, PersonId, TaskId, TicketId},
    wire::{
        entry::{Entry, Event},
        person::Actor,
        ticket::TicketState,
    },
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// Writes an entry to the log of a ticket whose row is locked, and makes it the ticket's newest. Where the ticket moved, `ticket` is
/// the row after [`crate::ticket::move_to`].
pub async fn append(
    tx: &mut Tx,
    ticket: &TicketRow,
    task: Option<TaskId>,
    actor: &Actor,
    at: Time,
    event: &Event,
    moved: Option<(TicketState, TicketState)>,
) -> Result<EntryId, Error> {
    let event = serde_json::to_string(event).map_err(|error| Error::Fault(error.into()))?;
    let actor = match actor {
        Actor::Person(person) => Some(person.id),
        Actor::Policy | Actor::Desk => None,
    };
    let written = sqlx::query(
        "INSERT INTO entry (ticket_id, task_id, actor_id, at, event, from_state, to_state, version) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(ticket.id.0)
    .bind(task.map(|task| task.0))
    .bind(actor.map(|PersonId(id)| id))
    .bind(at)
    .bind(event)
    .bind(moved.map(|(from, _)| from.word()))
    .bind(moved.map(|(_, to)| to.word()))
    .bind(ticket.version)
    .execute(&mut **tx)
    .await?;
    let id = EntryId(written.last_insert_id());
    sqlx::query("UPDATE ticket SET last_entry = ? WHERE id = ?")
        .bind(id.0)
        .bind(ticket.id.0)
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

#[derive(FromRow)]
struct Row {
    id: u64,
    task_id: Option<u64>,
    at: Time,
    event: String,
}

/// At most `limit` entries of a ticket's log after the cursor `after` (0 for the start), oldest first.
pub async fn after(pool: &Pool, ticket: TicketId, after: u64, limit: u32) -> Result<Vec<Entry>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, task_id, at, event FROM entry WHERE ticket_id = ? AND id > ? ORDER BY id LIMIT ?",
    )
    .bind(ticket.0)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    entries(ticket, rows)
}

/// The same of one task only.
pub async fn of_task(
    pool: &Pool,
    (ticket, task): (TicketId, TaskId),
    after: u64,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT id, task_id, at, event FROM entry WHERE ticket_id = ? AND task_id = ? AND id > ? ORDER BY id LIMIT ?",
    )
    .bind(ticket.0)
    .bind(task.0)
    .bind(after)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    entries(ticket, rows)
}

fn entries(ticket: TicketId, rows: Vec<Row>) -> Result<Vec<Entry>, Error> {
    rows.into_iter()
        .map(|row| {
            let event = serde_json::from_str(&row.event).map_err(|error| Error::Fault(error.into()))?;
            Ok(Entry { id: EntryId(row.id), ticket, task: row.task_id.map(TaskId), at: row.at, event })
        })
        .collect()
}

/// When a person last approved or rejected this ticket.
pub async fn decided_at(from: impl MySqlExecutor<'_>, ticket: TicketId) -> Result<Option<Time>, Error> {
    Ok(sqlx::query_scalar(
        "SELECT at FROM entry WHERE ticket_id = ? AND from_state = 'awaiting_approval' \
         AND to_state IN ('scheduled', 'rejected') ORDER BY id DESC LIMIT 1",
    )
    .bind(ticket.0)
    .fetch_optional(from)
    .await?)
}
