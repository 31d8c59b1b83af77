//! What the process that does a task's work writes ([`crate::rescue`]: what is written in its place). Each function is one
//! transaction over the task, its ticket and the log. Every change of a claimed task carries `AND epoch = ? AND state IN
//! ('running', 'paused')`: that is the fence. 0 rows mean that somebody else has decided, and the process stops.
//!
//! The answer to a COMMIT can be lost on its way. So each function may be called again with the same arguments: what is written
//! already is not written twice.

use crate::{
    Error, Pool, Tx, begin, chunk, cut_over, end, entry, lanes, passed_over,
    task::{self, TaskRow},
    task_line::Lines,
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    lang::Said,
    wire::{cut_over::CutOver, entry::Event, person::Actor, task::TaskState, ticket::TicketState},
};
use dbdesk_ticket::{
    machine::{self, Move},
    task::Wish,
};
use serde::{Deserialize, Serialize};
use sqlx::mysql::MySqlExecutor;

pub use crate::{
    claim::{Admission, Claim, Claimant, Claimed, claim, launched},
    end::End,
    wanted::{Wanted, look},
};

/// How long a lease lasts. With a tick of control and a look at the target, the work of a machine that vanished is told as lost
/// within 30 s.
pub const LEASE_MS: u64 = 25_000;

/// Leave to work on a task: what every later write must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// Its ticket.
    pub ticket: TicketId,
    /// The fencing token.
    pub epoch: u64,
}

/// Whether a write was let through the fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum Fence {
    /// It stands in the store.
    Passed,
    /// The lease is not ours any more: stop.
    Closed,
    /// A person asked for something else before: hear him first.
    Asked,
}

/// Proves and lengthens the lease, in one round trip. `false`: the fence is closed.
pub async fn renew(to: impl MySqlExecutor<'_>, lease: &Lease, lease_ms: u64) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE task SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(lease_ms)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .execute(to)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What the process of a task writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Write {
    /// Something that changes nothing.
    Told(Event),
    /// A statement is about to be sent.
    Sending {
        /// Which, from 0.
        index: u32,
        /// Statements in all.
        total: u32,
        /// To which server, `host:port`.
        instance: String,
        /// On its connection of this number.
        connection: u64,
        /// What it touches is kept before it is committed.
        kept: bool,
        /// What is done, where it is a step of a workflow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<Said>,
    },
    /// It ran, others are left.
    Ran {
        /// Which, from 0.
        index: u32,
        /// Its [`Event::StatementDone`] or [`Event::StepDone`].
        event: Event,
    },
    /// It failed, and the work goes on with the next.
    PassedOver {
        /// Which, from 0.
        index: u32,
        /// What it failed with.
        event: Event,
    },
    /// A chunk of this statement is committed.
    Chunk {
        /// Which statement, from 0.
        index: u32,
        /// How far it is.
        course: chunk::Course,
    },
    /// The process holds between two statements.
    Paused,
    /// It goes on.
    Resumed,
    /// It holds in the middle of this statement, which can be held.
    PausedIn(u32),
    /// It goes on with it.
    ResumedIn(u32),
    /// A copy is about to take its table's place.
    CutsOver {
        /// Of which statement, from 0.
        index: u32,
        /// What its process has heard of when it may. What it has not heard yet comes first.
        heard: Option<CutOver>,
    },
    /// The work ended.
    Ended {
        /// How.
        end: End,
        /// The last lines of its log.
        lines: Lines,
    },
}

impl Write {
    /// What the target answered, where that is part of it: what must not be forgotten.
    #[must_use]
    pub fn known(&self) -> Option<&Event> {
        match self {
            Self::Ran { event, .. } | Self::PassedOver { event, .. } => Some(event),
            Self::Ended { end, .. } => end.last.as_ref(),
            Self::Told(_)
            | Self::Sending { .. }
            | Self::Chunk { .. }
            | Self::Paused
            | Self::Resumed
            | Self::PausedIn(_)
            | Self::ResumedIn(_)
            | Self::CutsOver { .. } => None,
        }
    }
}

/// Writes it.
pub async fn write(pool: &Pool, lease: &Lease, write: &Write, at: Time) -> Result<Fence, Error> {
    match write {
        Write::Told(event) => tell(pool, lease, event, at).await,
        Write::Sending { index, total, instance, connection, kept, what } => {
            let (index, total, kept) = (*index, *total, *kept);
            let event = match what.clone() {
                Some(what) => Event::StepStarted { index, total, what },
                None => Event::StatementStarted { index, total, kept },
            };
            sending(pool, lease, index, (instance, *connection), &event, at).await
        }
        Write::Ran { index, event } => ran(pool, lease, *index, (event, false), at).await,
        Write::PassedOver { index, event } => ran(pool, lease, *index, (event, true), at).await,
        Write::Chunk { index, course } => {
            let passed = chunk::done(pool, lease, *index, course).await?;
            Ok(if passed { Fence::Passed } else { Fence::Closed })
        }
        Write::Paused => turn(pool, lease, TaskState::Paused, None, at).await,
        Write::Resumed => turn(pool, lease, TaskState::Running, None, at).await,
        Write::PausedIn(index) => turn(pool, lease, TaskState::Paused, Some(*index), at).await,
        Write::ResumedIn(index) => turn(pool, lease, TaskState::Running, Some(*index), at).await,
        Write::CutsOver { index, heard } => cut_over::begin(pool, lease, *index, *heard).await,
        Write::Ended { end, lines } => end::ended(pool, lease, end, lines, at).await,
    }
}

async fn tell(pool: &Pool, lease: &Lease, event: &Event, at: Time) -> Result<Fence, Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    match task::lock(&mut tx, lease.task).await? {
        Some(row) if row.epoch == lease.epoch && holds(row.state) => {}
        _ => return Ok(Fence::Closed),
    }
    if !entry::stands(&mut *tx, (lease.ticket, lease.task), at, event).await? {
        entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
        tx.commit().await?;
    }
    Ok(Fence::Passed)
}

async fn sending(
    pool: &Pool,
    lease: &Lease,
    index: u32,
    (instance, connection): (&str, u64),
    event: &Event,
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let done = sqlx::query(
        // What ran in an earlier task, between two that it leaves to this one, is done.
        "UPDATE task SET in_flight = ?, instance = ?, connection_id = ?, progress = NULL, progress_at = NULL, done = ?, \
         cut_over = IF(cuts_over = 1, NULL, cut_over), cuts_over = 0 \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND in_flight IS NULL \
         AND (done = ? OR todo IS NOT NULL AND done < ?) AND wish = 'go'",
    )
    .bind(index)
    .bind(instance)
    .bind(connection)
    .bind(index)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(index)
    .bind(index)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
        let asked = row.in_flight.is_none() && row.wish != Wish::Go;
        return Ok(match again(lease, &row, asked || row.in_flight == Some(index)) {
            Fence::Passed if asked => Fence::Asked,
            fence => fence,
        });
    }
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// Notes that a statement is done with: it ran, or failed and is passed over.
async fn ran(
    pool: &Pool,
    lease: &Lease,
    index: u32,
    (event, is_passed_over): (&Event, bool),
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let done = sqlx::query(
        // What is passed over may have failed before it was sent.
        "UPDATE task SET in_flight = NULL, done = ? WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') \
         AND (in_flight = ? OR ? AND in_flight IS NULL AND done <= ?)",
    )
    .bind(index + 1)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(index)
    .bind(is_passed_over)
    .bind(index)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
        return Ok(again(lease, &row, row.in_flight.is_none() && row.done == index + 1));
    }
    if is_passed_over {
        passed_over::put(&mut *tx, lease.task, index).await?;
    }
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// Between two statements, or `within` one: holds (`Paused`) or goes on (`Running`), as a person wants it at this moment.
async fn turn(
    pool: &Pool,
    lease: &Lease,
    to: TaskState,
    within: Option<u32>,
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
    let held = again(lease, &row, true);
    if held == Fence::Closed || row.state == to {
        return Ok(held);
    }
    // Of use at the time it was asked: a control that stood still meanwhile may write it when the work is elsewhere.
    if row.in_flight != within || (row.wish == Wish::Pause) != (to == TaskState::Paused) {
        return Ok(Fence::Asked);
    }
    sqlx::query("UPDATE task SET state = ? WHERE id = ?")
        .bind(to.word())
        .bind(lease.task.0)
        .execute(&mut *tx)
        .await?;
    let (coming, event) = match to {
        TaskState::Paused => (Move::TaskPaused, Event::Paused),
        _ => (Move::TaskResumed, Event::Resumed),
    };
    if let Some(lead) = row.lane_of {
        lanes::turned(&mut tx, &ticket, (lead, lease.task), to, at).await?;
        tx.commit().await?;
        return Ok(Fence::Passed);
    }
    follow(&mut tx, &ticket, lease.task, coming, &event, at).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// Moves the ticket with its task and tells it.
pub(crate) async fn follow(
    tx: &mut Tx,
    ticket: &TicketRow,
    task: TaskId,
    coming: Move,
    event: &Event,
    at: Time,
) -> Result<TicketRow, Error> {
    let state = next(ticket, coming)?;
    let change = TicketChange { state, ..ticket.now.clone() };
    entry::moves(tx, ticket, change, Some(task), &Actor::Desk, at, event).await
}

pub(crate) fn next(ticket: &TicketRow, coming: Move) -> Result<TicketState, Error> {
    machine::apply(ticket.now.state, coming).map_err(|illegal| Error::Fault(illegal.into()))
}

fn again(lease: &Lease, row: &TaskRow, written: bool) -> Fence {
    if row.epoch == lease.epoch && holds(row.state) && written { Fence::Passed } else { Fence::Closed }
}

pub(crate) fn holds(state: TaskState) -> bool {
    matches!(state, TaskState::Running | TaskState::Paused)
}
