//! What the process that does a task's work writes ([`crate::rescue`]: what is written in its place). Each function is one
//! transaction over the task, its ticket and the log. Every change of a claimed task carries `AND epoch = ? AND state IN
//! ('running', 'paused')`: that is the fence. 0 rows mean that somebody else has decided, and the process stops.
//!
//! The answer to a COMMIT can be lost on its way. So each function may be called again with the same arguments: what is written
//! already is not written twice.

use crate::{
    Error, Pool, Tx, closed, entry, queue,
    task::{self, NewTask, Retry, TaskRow},
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{
        entry::{Cause, Event},
        person::Actor,
        task::TaskState,
        ticket::TicketState,
        waits::Waits,
    },
};
use dbdesk_ticket::{
    admission::{Limits, Running},
    exclusion::Exclusion,
    machine::{self, Move, TaskEnd},
    task::{MOST_ATTEMPTS, PROTOCOL, Wish, repeats},
};

/// How long a lease lasts. With a tick of control and a look at the target, the work of a machine that vanished is told as lost
/// within 30 s.
pub const LEASE_MS: u64 = 25_000;

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

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The work is this process's.
    Ours(Box<Claimed>),
    /// It must not start beside what runs. It stays ready.
    Waits(Waits),
    /// There is nothing to do for this process: somebody else has it or took it away.
    NotOurs,
}

/// What may run at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// How much.
    pub limits: Limits,
    /// What excludes what.
    pub exclusion: Exclusion,
}

/// Claims a ready task, if it may run beside what runs.
pub async fn claim(
    pool: &Pool,
    task: TaskId,
    by: &Claimant,
    lease_ms: u64,
    admission: &Admission,
    at: Time,
) -> Result<Claim, Error> {
    let mut tx = pool.begin().await?;
    // Read before the ticket is locked, and on the same connection: this process has not even one yet.
    let Some(row) = task::read(&mut tx, task).await? else { return Ok(Claim::NotOurs) };
    let Some(ticket) = ticket::lock(&mut tx, row.ticket).await? else { return Ok(Claim::NotOurs) };
    if let Some(waits) = closed::keeps(&mut tx, task, ticket.group, at).await? {
        return Ok(Claim::Waits(waits));
    }
    if let Err(waits) = admitted(&mut tx, task, ticket.group, admission).await? {
        return Ok(Claim::Waits(waits));
    }
    let claimed = sqlx::query(
        "UPDATE task SET state = 'running', epoch = epoch + 1, host = ?, boot_id = ?, pid = ?, pid_start = ?, waits = NULL, \
         lease_until = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, started_at = ? \
         WHERE id = ? AND state = 'ready' AND wish = 'go' AND protocol <= ?",
    )
    .bind(&by.host)
    .bind(&by.boot_id)
    .bind(by.pid)
    .bind(by.pid_start)
    .bind(lease_ms)
    .bind(at)
    .bind(task.0)
    .bind(PROTOCOL)
    .execute(&mut *tx)
    .await?;
    let Some(row) = task::lock(&mut tx, task).await? else { return Ok(Claim::NotOurs) };
    let lease = Lease { task, ticket: row.ticket, epoch: row.epoch };
    if claimed.rows_affected() == 0 {
        // Our own claim, whose answer was lost, or somebody else's.
        let ours = row.state == TaskState::Running
            && row.host.as_deref() == Some(&by.host)
            && row.boot_id.as_deref() == Some(&by.boot_id)
            && (row.pid, row.pid_start) == (Some(by.pid), Some(by.pid_start));
        let ours = ours.then(|| Claim::Ours(Box::new(Claimed { lease, task: row, ticket })));
        return Ok(ours.unwrap_or(Claim::NotOurs));
    }
    let in_time = ticket.now.approval_expires_at.is_none_or(|end| at < end);
    if ticket.now.task != Some(task)
        || !in_time
        || machine::apply(ticket.now.state, Move::TaskStarted).is_err()
    {
        tx.rollback().await?;
        return Ok(Claim::NotOurs);
    }
    let started = Event::Started { host: by.host.clone(), pid: by.pid, epoch: row.epoch };
    let ticket = follow(&mut tx, &ticket, task, Move::TaskStarted, &started, at).await?;
    tx.commit().await?;
    Ok(Claim::Ours(Box::new(Claimed { lease, task: row, ticket })))
}

/// Whether the task may run beside what runs. Claims in one service group wait for each other here, so that two never both see
/// room for one: its limit and what excludes what are exact. Limits over several groups are counted without a lock.
async fn admitted(
    tx: &mut Tx,
    task: TaskId,
    group: GroupId,
    admission: &Admission,
) -> Result<Result<(), Waits>, Error> {
    sqlx::query("SELECT id FROM service_group WHERE id = ? FOR UPDATE")
        .bind(group.0)
        .execute(&mut **tx)
        .await?;
    let Some(work) = queue::work(&mut **tx, task).await? else { return Ok(Ok(())) };
    let mut running = Running::default();
    queue::busy(&mut **tx).await?.into_iter().for_each(|busy| running.add(busy.work));
    Ok(running.admits(&work, &admission.limits, &admission.exclusion))
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

/// Writes that statement `index` is about to be sent to `instance` on its connection of this number.
pub async fn statement_started(
    pool: &Pool,
    lease: &Lease,
    index: u32,
    (instance, connection): (&str, u64),
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = pool.begin().await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let done = sqlx::query(
        "UPDATE task SET in_flight = ?, instance = ?, connection_id = ? \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') AND in_flight IS NULL AND done = ? \
         AND wish = 'go'",
    )
    .bind(index)
    .bind(instance)
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
    if repeated(tx, ticket, row, end, at).await? {
        return Ok(());
    }
    let coming = Move::TaskEnded(end.end);
    let state = next(ticket, coming)?;
    let event = Event::Ended { state, done: row.done, total: row.total, cause: end.cause };
    follow(tx, ticket, row.id, coming, &event, at).await?;
    Ok(())
}

/// Makes the task that tries again, where one does. Gives whether one does.
async fn repeated(
    tx: &mut Tx,
    ticket: &TicketRow,
    row: &TaskRow,
    end: &End,
    at: Time,
) -> Result<bool, Error> {
    let Some((wait, cause)) = repeats(row.repeatable, row.wish, row.attempt, end.cause).zip(end.cause) else {
        return Ok(false);
    };
    let (due_at, attempt) = (at + wait, row.attempt + 1);
    if ticket.now.approval_expires_at.is_some_and(|expires_at| expires_at <= due_at) {
        return Ok(false);
    }
    let retry = Some(Retry { of: row.id, attempt, from: row.done });
    let (id, revision, total) = (ticket.id, row.revision, row.total);
    let task =
        task::insert(tx, &NewTask { ticket: id, revision, total, due_at, at, is_offered: false, retry })
            .await?;
    let state = next(ticket, Move::TaskRepeats)?;
    let change = TicketChange { state, due_at: Some(due_at), task: Some(task), ..ticket.now.clone() };
    let moved = ticket::move_to(tx, ticket, change, at).await?;
    let event = Event::Repeats { attempt, most: MOST_ATTEMPTS, due_at, cause };
    let history = Some((ticket.now.state, state));
    entry::append(tx, &moved, Some(task), &Actor::Desk, at, &event, history).await?;
    Ok(true)
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
