//! Table `entry`: a ticket's log, append only.

use crate::{
    Error, Pool, Tx, audit,
    ticket::{self, TicketChange, TicketRow},
};
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
    let id = write(tx, (ticket.id, ticket.version), task, actor, at, event, moved).await?;
    sqlx::query("UPDATE ticket SET last_entry = ? WHERE id = ?")
        .bind(id.0)
        .bind(ticket.id.0)
        .execute(&mut **tx)
        .await?;
    Ok(id)
}

/// Moves a ticket whose row is locked and tells it: [`crate::ticket::move_to`] and [`append`] in one change fewer.
pub async fn moves(
    tx: &mut Tx,
    seen: &TicketRow,
    change: TicketChange,
    task: Option<TaskId>,
    actor: &Actor,
    at: Time,
    event: &Event,
) -> Result<TicketRow, Error> {
    let moved = Some((seen.now.state, change.state));
    let id = write(tx, (seen.id, seen.version + 1), task, actor, at, event, moved).await?;
    ticket::change(tx, seen, change, Some(id), at).await
}

/// Writes an entry that something right after it in the transaction makes the ticket's newest, or that is older than that.
pub(crate) async fn write(
    tx: &mut Tx,
    (ticket, version): (TicketId, u64),
    task: Option<TaskId>,
    actor: &Actor,
    at: Time,
    event: &Event,
    moved: Option<(TicketState, TicketState)>,
) -> Result<EntryId, Error> {
    if let Some(decision) = audit::of_event(ticket, actor, at, event) {
        tx.decided(decision);
    }
    let event = serde_json::to_string(event).map_err(|error| Error::Fault(error.into()))?;
    let actor = match actor {
        Actor::Person(person) => Some(person.id),
        Actor::Policy | Actor::Desk => None,
    };
    let written = sqlx::query(
        "INSERT INTO entry (ticket_id, task_id, actor_id, at, event, from_state, to_state, version) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(ticket.0)
    .bind(task.map(|task| task.0))
    .bind(actor.map(|PersonId(id)| id))
    .bind(at)
    .bind(event)
    .bind(moved.map(|(from, _)| from.word()))
    .bind(moved.map(|(_, to)| to.word()))
    .bind(version)
    .execute(&mut **tx)
    .await?;
    Ok(EntryId(written.last_insert_id()))
}

/// Whether the log of a ticket has this entry already: of the same task, time and content.
pub(crate) async fn stands(
    from: impl MySqlExecutor<'_>,
    (ticket, task): (TicketId, TaskId),
    at: Time,
    event: &Event,
) -> Result<bool, Error> {
    let event = serde_json::to_string(event).map_err(|error| Error::Fault(error.into()))?;
    let found: i64 = sqlx::query_scalar(
        "SELECT CAST(EXISTS (SELECT 1 FROM entry WHERE ticket_id = ? AND task_id = ? AND at = CAST(? AS DATETIME(3)) AND event = ?) AS SIGNED)",
    )
    .bind(ticket.0)
    .bind(task.0)
    .bind(at)
    .bind(event)
    .fetch_one(from)
    .await?;
    Ok(found != 0)
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

/// Whether a task was to keep what this statement touches before it committed it.
pub async fn was_to_be_kept(
    from: impl MySqlExecutor<'_>,
    (ticket, task): (TicketId, TaskId),
    statement: u32,
) -> Result<bool, Error> {
    let events: Vec<String> = sqlx::query_scalar(
        "SELECT event FROM entry WHERE ticket_id = ? AND task_id = ? AND JSON_VALUE(event, '$.kind') IN ('statement_started', 'without_undo') \
         ORDER BY id DESC LIMIT 2",
    )
    .bind(ticket.0)
    .bind(task.0)
    .fetch_all(from)
    .await?;
    // One that turned out to be too much runs without, and that is told before.
    let newest = events.first().map(|event| serde_json::from_str(event)).transpose();
    let newest: Option<Event> = newest.map_err(|error| Error::Fault(error.into()))?;
    Ok(matches!(newest, Some(Event::StatementStarted { index, kept: true, .. }) if index == statement))
}

/// The statements of a ticket of which the log says that nothing is kept, from 0.
pub async fn without_undo(from: impl MySqlExecutor<'_>, ticket: TicketId) -> Result<Vec<u32>, Error> {
    let events: Vec<String> = sqlx::query_scalar(
        "SELECT event FROM entry WHERE ticket_id = ? AND JSON_VALUE(event, '$.kind') = 'without_undo' ORDER BY id LIMIT 1000",
    )
    .bind(ticket.0)
    .fetch_all(from)
    .await?;
    let index = |event: String| match serde_json::from_str(&event) {
        Ok(Event::WithoutUndo { index, .. }) => Ok(Some(index)),
        Ok(_) => Ok(None),
        Err(error) => Err(Error::Fault(error.into())),
    };
    Ok(events.into_iter().map(index).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// What happened to a task, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A process claimed it, so long after it was due.
    Started {
        /// In milliseconds.
        late_ms: u64,
    },
    /// It ended.
    Ended {
        /// How: the word of its ticket's state.
        state: String,
        /// So long after its claim, in milliseconds; absent where it never started.
        ran_ms: Option<u64>,
    },
    /// A new task tries it again, by itself or because a person said so.
    Retried,
}

/// The newest entry of all logs; 0 where there is none.
pub async fn newest(pool: &Pool) -> Result<u64, Error> {
    let newest: Option<u64> = sqlx::query_scalar("SELECT MAX(id) FROM entry").fetch_one(pool).await?;
    Ok(newest.unwrap_or(0))
}

/// An entry may be committed a little after one with a greater number: only what is older than this is counted.
const SETTLED_S: u32 = 5;

#[derive(FromRow)]
struct Counted {
    id: u64,
    event: String,
    late_ms: Option<i64>,
    ran_ms: Option<i64>,
}

/// What happened to tasks after the entry `after`, and the entry up to which it was looked; at most `limit` entries.
pub async fn happened(pool: &Pool, after: u64, limit: u32) -> Result<(Vec<Happened>, u64), Error> {
    let rows: Vec<Counted> = sqlx::query_as(
        "SELECT e.id, e.event, CAST(TIMESTAMPDIFF(MICROSECOND, t.due_at, t.started_at) DIV 1000 AS SIGNED) AS late_ms, \
         CAST(TIMESTAMPDIFF(MICROSECOND, t.started_at, t.ended_at) DIV 1000 AS SIGNED) AS ran_ms \
         FROM entry e LEFT JOIN task t ON t.id = e.task_id WHERE e.id > ? AND e.id <= \
         (SELECT COALESCE(MAX(id), 0) FROM entry WHERE id > ? AND at < UTC_TIMESTAMP(3) - INTERVAL ? SECOND) ORDER BY e.id LIMIT ?",
    )
    .bind(after)
    .bind(after)
    .bind(SETTLED_S)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let ms = |ms: Option<i64>| ms.and_then(|ms| u64::try_from(ms).ok());
    let to = rows.last().map_or(after, |row| row.id);
    let happened = rows.into_iter().filter_map(|row| {
        // What another version of this program wrote is not counted.
        Some(match serde_json::from_str(&row.event).ok()? {
            Event::Started { .. } => Happened::Started { late_ms: ms(row.late_ms)? },
            Event::Ended { state, .. } => {
                Happened::Ended { state: state.word().to_owned(), ran_ms: ms(row.ran_ms) }
            }
            Event::Retried { .. } | Event::Skipped { .. } | Event::Repeats { .. } => Happened::Retried,
            _ => return None,
        })
    });
    Ok((happened.collect(), to))
}
