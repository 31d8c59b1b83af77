//! What the process that does a task's work writes, and what is written in its place when it vanished. Each function is one
//! transaction over the task, its ticket and the log. Every change of a claimed task carries `AND epoch = ? AND state IN
//! ('running', 'paused')`: that is the fence. 0 rows mean that somebody else has decided, and the process stops.
//!
//! The answer to a COMMIT can be lost on its way. So each function may be called again with the same arguments: what is written
//! already is not written twice.

use crate::{
    Error, Pool, Tx, entry,
    queue::Held,
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
    task::{Wish, end_of_vanished},
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
    let Some(row) = task::get(pool, task).await? else { return Ok(None) };
    let mut tx = pool.begin().await?;
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

/// What a reconciler made of a task whose process is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rescue {
    /// Ended so.
    Ended(TaskEnd),
    /// It lives: its lease was renewed, or it ended, since it was looked at.
    Alive,
}

/// Ends a task in place of its process. `gone`: the process is known to be gone, its lease does not matter any more. `known`:
/// what the process kept on its machine of the statement in flight, a [`Event::StatementDone`] or [`Event::StatementFailed`].
pub async fn rescue(
    pool: &Pool,
    held: &Held,
    gone: bool,
    known: Option<&Event>,
    at: Time,
) -> Result<Rescue, Error> {
    let lease = Lease { task: held.task, ticket: held.ticket, epoch: held.epoch };
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, held.ticket).await? else { return Ok(Rescue::Alive) };
    let over: Option<i64> = sqlx::query_scalar(
        "SELECT 1 FROM task WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') \
         AND (? OR lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3)) FOR UPDATE",
    )
    .bind(held.task.0)
    .bind(held.epoch)
    .bind(gone)
    .fetch_optional(&mut *tx)
    .await?;
    let (Some(_), Some(mut row)) = (over, task::lock(&mut tx, held.task).await?) else {
        return Ok(Rescue::Alive);
    };
    // A process that is gone, or one that lives somewhere and could not renew.
    let cause = if gone { Cause::ProcessGone } else { Cause::LeaseLost };
    let end = end_in_place(&mut tx, &lease, &ticket, &mut row, (known, cause), at).await?;
    if !end_row(&mut tx, &lease, state_of(end.end), at).await? {
        return Ok(Rescue::Alive);
    }
    tell_end(&mut tx, &ticket, &row, &end, at).await?;
    tx.commit().await?;
    Ok(Rescue::Ended(end.end))
}

/// What became of an answer that came after the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// It is told now. The task stays lost: a person may have acted on that.
    Told,
    /// The task is still at work, or was not rescued yet: wait.
    NotYet,
    /// The store knows better.
    Useless,
}

/// Tells the answer of the statement for which a task was given up as lost, when it is known after all: a process that could
/// not prove its lease kept it on its machine.
pub async fn late(pool: &Pool, task: TaskId, epoch: u64, event: &Event, at: Time) -> Result<Late, Error> {
    let (Event::StatementDone { index, .. } | Event::StatementFailed { index, .. }) = event else {
        return Ok(Late::Useless);
    };
    let Some(row) = task::get(pool, task).await? else { return Ok(Late::Useless) };
    if !row.state.is_final() {
        return Ok(Late::NotYet);
    }
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, row.ticket).await? else { return Ok(Late::Useless) };
    let done = sqlx::query(
        "UPDATE task SET in_flight = NULL, done = done + ? WHERE id = ? AND epoch = ? AND state = 'lost' AND in_flight = ?",
    )
    .bind(u32::from(matches!(event, Event::StatementDone { .. })))
    .bind(task.0)
    .bind(epoch)
    .bind(index)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(Late::Useless);
    }
    entry::append(&mut tx, &ticket, Some(task), &Actor::Desk, at, event, None).await?;
    tx.commit().await?;
    Ok(Late::Told)
}

/// What is known decides: all ran, one failed, it stopped between two, or nobody knows.
async fn end_in_place(
    tx: &mut Tx,
    lease: &Lease,
    ticket: &TicketRow,
    row: &mut TaskRow,
    (known, cause): (Option<&Event>, Cause),
    at: Time,
) -> Result<End, Error> {
    match (known, row.in_flight) {
        (Some(Event::StatementDone { index, .. }), Some(flying)) if *index == flying => {
            sqlx::query("UPDATE task SET in_flight = NULL, done = done + 1 WHERE id = ? AND epoch = ?")
                .bind(lease.task.0)
                .bind(lease.epoch)
                .execute(&mut **tx)
                .await?;
            if let Some(event) = known {
                entry::append(tx, ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
            }
            row.in_flight = None;
            row.done += 1;
        }
        (Some(failed @ Event::StatementFailed { index, .. }), Some(flying)) if *index == flying => {
            return Ok(End {
                end: TaskEnd::Failed,
                cause: Some(Cause::Statement),
                last: Some(failed.clone()),
            });
        }
        _ => {}
    }
    if row.in_flight.is_none() && row.done == row.total {
        return Ok(End { end: TaskEnd::Succeeded, cause: None, last: None });
    }
    Ok(End { end: end_of_vanished(row.in_flight.is_some()), cause: Some(cause), last: None })
}

async fn end_row(tx: &mut Tx, lease: &Lease, state: TaskState, at: Time) -> Result<bool, Error> {
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

async fn tell_end(tx: &mut Tx, ticket: &TicketRow, row: &TaskRow, end: &End, at: Time) -> Result<(), Error> {
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

fn state_of(end: TaskEnd) -> TaskState {
    match end {
        TaskEnd::Succeeded => TaskState::Succeeded,
        TaskEnd::Failed => TaskState::Failed,
        TaskEnd::Cancelled => TaskState::Cancelled,
        TaskEnd::Lost => TaskState::Lost,
    }
}
