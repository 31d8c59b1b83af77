//! What the process that does a task's work writes ([`crate::rescue`]: what is written in its place). Each function is one
//! transaction over the task, its ticket and the log. Every change of a claimed task carries `AND epoch = ? AND state IN
//! ('running', 'paused')`: that is the fence. 0 rows mean that somebody else has decided, and the process stops.
//!
//! The answer to a COMMIT can be lost on its way. So each function may be called again with the same arguments: what is written
//! already is not written twice.

use crate::{
    Error, Pool, Tx, entry,
    task::{self, TaskRow},
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{
        entry::{Cause, Event},
        person::Actor,
        task::TaskState,
        ticket::TicketState,
    },
};
use dbdesk_ticket::{
    machine::{self, Move, TaskEnd},
    task::Wish,
};

/// Leave to work on a task: what every later write must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The task.
    pub task: TaskId,
    /// Its ticket.
    pub ticket: TicketId,
    /// The fencing token.
    pub epoch: u64,
}

/// Who claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The machine.
    pub host: String,
    /// Its boot id.
    pub boot_id: String,
    /// The process.
    pub pid: u32,
    /// When the process started, in the kernel's ticks.
    pub pid_start: u64,
}

/// A task that was claimed, with the ticket as it stands after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Leave to work.
    pub lease: Lease,
    /// The task.
    pub task: TaskRow,
    /// Its ticket.
    pub ticket: TicketRow,
}

/// Whether a write was let through the fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Fence {
    /// It stands in the store.
    Passed,
    /// The lease is not ours any more: stop.
    Closed,
    /// A person asked for something else before: hear him first.
    Asked,
}

/// Notes the process that was started for a task, as long as none has claimed it.
pub async fn launched(pool: &Pool, task: TaskId, by: &Claimant) -> Result<(), Error> {
    sqlx::query(
        "UPDATE task SET host = ?, boot_id = ?, pid = ?, pid_start = ? WHERE id = ? AND state = 'ready'",
    )
    .bind(&by.host)
    .bind(&by.boot_id)
    .bind(by.pid)
    .bind(by.pid_start)
    .bind(task.0)
    .execute(pool)
    .await?;
    Ok(())
}

/// Claims a ready task. `None`: there is nothing to do for this process, somebody else has it or took it away.
pub async fn claim(
    pool: &Pool,
    task: TaskId,
    by: &Claimant,
    lease_ms: u64,
    at: Time,
) -> Result<Option<Claimed>, Error> {
    let mut tx = pool.begin().await?;
    // Read before the ticket is locked, and on the same connection: this process has not even one yet.
    let Some(row) = task::read(&mut tx, task).await? else { return Ok(None) };
    let Some(ticket) = ticket::lock(&mut tx, row.ticket).await? else { return Ok(None) };
    let claimed = sqlx::query(
        "UPDATE task SET state = 'running', epoch = epoch + 1, host = ?, boot_id = ?, pid = ?, pid_start = ?, \
         lease_until = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, started_at = ? WHERE id = ? AND state = 'ready'",
    )
    .bind(&by.host)
    .bind(&by.boot_id)
    .bind(by.pid)
    .bind(by.pid_start)
    .bind(lease_ms)
    .bind(at)
    .bind(task.0)
    .execute(&mut *tx)
    .await?;
    let Some(row) = task::lock(&mut tx, task).await? else { return Ok(None) };
    let lease = Lease { task, ticket: row.ticket, epoch: row.epoch };
    if claimed.rows_affected() == 0 {
        // Our own claim, whose answer was lost, or somebody else's.
        let ours = row.state == TaskState::Running
            && row.host.as_deref() == Some(&by.host)
            && row.boot_id.as_deref() == Some(&by.boot_id)
            && (row.pid, row.pid_start) == (Some(by.pid), Some(by.pid_start));
        return Ok(ours.then_some(Claimed { lease, task: row, ticket }));
    }
    let in_time = ticket.now.approval_expires_at.is_none_or(|end| at < end);
    if ticket.now.task != Some(task)
        || !in_time
        || machine::apply(ticket.now.state, Move::TaskStarted).is_err()
    {
        tx.rollback().await?;
        return Ok(None);
    }
    let started = Event::Started { host: by.host.clone(), pid: by.pid, epoch: row.epoch };
    let ticket = follow(&mut tx, &ticket, task, Move::TaskStarted, &started, at).await?;
    tx.commit().await?;
    Ok(Some(Claimed { lease, task: row, ticket }))
}

/// Proves and lengthens the lease; gives what a person wants of the task. `None`: the fence is closed.
pub async fn renew(pool: &Pool, lease: &Lease, lease_ms: u64) -> Result<Option<Wish>, Error> {
    let done = sqlx::query(
        "UPDATE task SET lease_until = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(lease_ms)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .execute(pool)
    .await?;
    if done.rows_affected() == 0 { Ok(None) } else { look(pool, lease).await }
}

/// What a person wants of the task. `None`: the fence is closed.
pub async fn look(pool: &Pool, lease: &Lease) -> Result<Option<Wish>, Error> {
    let word: Option<String> = sqlx::query_scalar(
        "SELECT wish FROM task WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(lease.task.0)
    .bind(lease.epoch)
    .fetch_optional(pool)
    .await?;
    word.map(|word| {
        Wish::of_word(&word).ok_or_else(|| Error::strange(format!("task {} has {word}", lease.task)))
    })
    .transpose()
}

/// Tells something that changes nothing.
pub async fn tell(pool: &Pool, lease: &Lease, event: &Event, at: Time) -> Result<Fence, Error> {
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    match task::lock(&mut tx, lease.task).await? {
        Some(row) if row.epoch == lease.epoch && holds(row.state) => {}
        _ => return Ok(Fence::Closed),
    }
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// Writes that statement `index` is about to be sent on the target's connection `connection`.
pub async fn statement_started(
    pool: &Pool,
    lease: &Lease,
    index: u32,
    connection: u64,
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let done = sqlx::query(
        "UPDATE task SET in_flight = ?, connection_id = ? \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND in_flight IS NULL AND done = ? \
         AND wish = 'go'",
    )
    .bind(index)
    .bind(connection)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(index)
    .execute(&mut *tx)
    .await?;
    let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
    if done.rows_affected() == 0 {
        let asked = row.in_flight.is_none() && row.wish != Wish::Go;
        return Ok(match again(lease, &row, asked || row.in_flight == Some(index)) {
            Fence::Passed if asked => Fence::Asked,
            fence => fence,
        });
    }
    let event = Event::StatementStarted { index, total: row.total };
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, &event, None).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// Writes that statement `index` ran: `event` is its [`Event::StatementDone`].
pub async fn statement_done(
    pool: &Pool,
    lease: &Lease,
    index: u32,
    event: &Event,
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let done = sqlx::query(
        "UPDATE task SET in_flight = NULL, done = done + 1 \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND in_flight = ?",
    )
    .bind(lease.task.0)
    .bind(lease.epoch)
    .bind(index)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
        return Ok(again(lease, &row, row.in_flight.is_none() && row.done == index + 1));
    }
    entry::append(&mut tx, &ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// Writes that the process holds between two statements.
pub async fn paused(pool: &Pool, lease: &Lease, at: Time) -> Result<Fence, Error> {
    turn(pool, lease, [TaskState::Running, TaskState::Paused], Move::TaskPaused, &Event::Paused, at).await
}

/// Writes that the process goes on.
pub async fn resumed(pool: &Pool, lease: &Lease, at: Time) -> Result<Fence, Error> {
    turn(pool, lease, [TaskState::Paused, TaskState::Running], Move::TaskResumed, &Event::Resumed, at).await
}

async fn turn(
    pool: &Pool,
    lease: &Lease,
    [from, to]: [TaskState; 2],
    coming: Move,
    event: &Event,
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let done = sqlx::query("UPDATE task SET state = ? WHERE id = ? AND epoch = ? AND state = ?")
        .bind(to.word())
        .bind(lease.task.0)
        .bind(lease.epoch)
        .bind(from.word())
        .execute(&mut *tx)
        .await?;
    if done.rows_affected() == 0 {
        let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
        return Ok(again(lease, &row, row.state == to));
    }
    follow(&mut tx, &ticket, lease.task, coming, event, at).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// How a task's work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How.
    pub end: TaskEnd,
    /// What is known, where it did not end well.
    pub cause: Option<Cause>,
    /// What happened right before: the statement that failed.
    pub last: Option<Event>,
}

/// Ends a task; its ticket follows.
pub async fn ended(pool: &Pool, lease: &Lease, end: &End, at: Time) -> Result<Fence, Error> {
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let state = state_of(end.end);
    if !end_row(&mut tx, lease, state, at).await? {
        let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
        let same = row.epoch == lease.epoch && row.state == state;
        return Ok(if same { Fence::Passed } else { Fence::Closed });
    }
    let Some(row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
    tell_end(&mut tx, &ticket, &row, end, at).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

pub(crate) async fn end_row(tx: &mut Tx, lease: &Lease, state: TaskState, at: Time) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE task SET state = ?, ended_at = ?, lease_until = NULL \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(state.word())
    .bind(at)
    .bind(lease.task.0)
    .bind(lease.epoch)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn tell_end(
    tx: &mut Tx,
    ticket: &TicketRow,
    row: &TaskRow,
    end: &End,
    at: Time,
) -> Result<(), Error> {
    if let Some(last) = &end.last {
        entry::append(tx, ticket, Some(row.id), &Actor::Desk, at, last, None).await?;
    }
    let coming = Move::TaskEnded(end.end);
    let state = next(ticket, coming)?;
    let event = Event::Ended { state, done: row.done, total: row.total, cause: end.cause };
    follow(tx, ticket, row.id, coming, &event, at).await?;
    Ok(())
}

/// Moves the ticket with its task and tells it.
async fn follow(
    tx: &mut Tx,
    ticket: &TicketRow,
    task: TaskId,
    coming: Move,
    event: &Event,
    at: Time,
) -> Result<TicketRow, Error> {
    let state = next(ticket, coming)?;
    let moved = ticket::move_to(tx, ticket, TicketChange { state, ..ticket.now.clone() }, at).await?;
    entry::append(tx, &moved, Some(task), &Actor::Desk, at, event, Some((ticket.now.state, state))).await?;
    Ok(moved)
}

fn next(ticket: &TicketRow, coming: Move) -> Result<TicketState, Error> {
    machine::apply(ticket.now.state, coming).map_err(|illegal| Error::Fault(illegal.into()))
}

fn again(lease: &Lease, row: &TaskRow, written: bool) -> Fence {
    if row.epoch == lease.epoch && holds(row.state) && written { Fence::Passed } else { Fence::Closed }
}

fn holds(state: TaskState) -> bool {
    matches!(state, TaskState::Running | TaskState::Paused)
}

pub(crate) fn state_of(end: TaskEnd) -> TaskState {
    match end {
        TaskEnd::Succeeded => TaskState::Succeeded,
        TaskEnd::Failed => TaskState::Failed,
        TaskEnd::Cancelled => TaskState::Cancelled,
        TaskEnd::Lost => TaskState::Lost,
    }
}
