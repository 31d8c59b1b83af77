//! The claim: the one change that makes a ready task a process's own, and with it what may run beside what.

use crate::{
    Error, Pool, Tx, begin, closed, entry, freeze,
    queue::{self, WorkRow},
    revision::{Sql, list_of},
    run::{Lease, next},
    task::{self, TaskRow},
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_cmdb::{ServiceGroup, calendar::Freeze};
use dbdesk_commands::{
    clock::Time,
    id::TaskId,
    wire::{entry::Event, person::Actor, task::TaskState, ticket::TicketState, waits::Waits},
};
use dbdesk_ticket::{
    admission::{Limits, Running},
    exclusion::Exclusion,
    machine::{self, Move},
    task::{PROTOCOL, Wish},
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

/// Who claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What is to run.
    pub sql: Sql,
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

/// A claim comes too late after so long: whoever asked for it waits a minute, and it must not be left with work that is his. Some
/// twenty round trips of two seconds.
const TOO_LATE_S: u32 = 45;

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

/// A task with what its claim looks at.
#[derive(FromRow)]
struct Asked {
    #[sqlx(flatten)]
    task: task::Row,
    #[sqlx(flatten)]
    work: WorkRow,
    wish_by: String,
    wish_at: Option<Time>,
    protocol: u32,
    spec: String,
    sql_text: Vec<u8>,
    sql_hash: String,
    takes_back: bool,
    without_undo: Option<String>,
    online: Option<String>,
    in_chunks: Option<String>,
    request: Option<String>,
    is_frozen: i64,
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
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock_of_task(&mut tx, task).await? else { return Ok(Claim::NotOurs) };
    let Some(asked) = lock(&mut tx, task).await? else { return Ok(Claim::NotOurs) };
    let (work, leave) = (asked.work.work()?, asked.wish_at.filter(|_| asked.wish_by == "person"));
    let (spec, is_frozen, protocol) = (asked.spec, asked.is_frozen != 0, asked.protocol);
    let text = String::from_utf8(asked.sql_text).map_err(|error| Error::Fault(error.into()))?;
    let sql = Sql {
        text,
        hash: asked.sql_hash,
        takes_back: asked.takes_back,
        without_undo: list_of(asked.without_undo.as_deref())?,
        online: list_of(asked.online.as_deref())?,
        in_chunks: list_of(asked.in_chunks.as_deref())?,
        request: asked.request,
    };
    let mut row = TaskRow::try_from(asked.task)?;
    if row.state != TaskState::Ready || row.wish != Wish::Go || protocol > PROTOCOL {
        // Our own claim, whose answer was lost, or somebody else's.
        let ours = row.state == TaskState::Running && is_of(&row, by);
        return Ok(if ours { claimed(row, ticket, sql) } else { Claim::NotOurs });
    }
    let Some(coming) = begins(&ticket, &row, at) else { return Ok(Claim::NotOurs) };
    let freezes = if is_frozen { freeze::in_force(&mut *tx, at).await? } else { Vec::new() };
    let freezes: Vec<Freeze> = freezes.into_iter().map(|row| row.freeze).collect();
    let spec: ServiceGroup = serde_json::from_str(&spec).map_err(|error| Error::Fault(error.into()))?;
    if let Some(waits) = closed::keeps(row.group, &spec, &freezes, leave, at) {
        return Ok(Claim::Waits(waits));
    }
    let mut running = Running::default();
    queue::busy(&mut *tx).await?.into_iter().for_each(|busy| running.add(busy.work));
    if let Err(waits) = running.admits(&work, &admission.limits, &admission.exclusion) {
        return Ok(Claim::Waits(waits));
    }
    if !take(&mut tx, &mut row, by, lease_ms, at).await? {
        return Ok(Claim::NotOurs);
    }
    let started = Event::Started { host: by.host.clone(), pid: by.pid, epoch: row.epoch };
    let ticket = if let Some(coming) = coming {
        let change = TicketChange { state: next(&ticket, coming)?, ..ticket.now.clone() };
        entry::moves(&mut tx, &ticket, change, Some(task), &Actor::Desk, at, &started).await?
    } else {
        entry::append(&mut tx, &ticket, Some(task), &Actor::Desk, at, &started, None).await?;
        ticket
    };
    tx.commit().await?;
    Ok(claimed(row, ticket, sql))
}

/// What it is to its ticket that this task begins: `Some(None)` where others of its lanes work already, `None` where it must not.
#[expect(clippy::option_option, reason = "that it may, and whether the ticket moves")]
fn begins(ticket: &TicketRow, row: &TaskRow, at: Time) -> Option<Option<Move>> {
    if ticket.now.task != Some(row.lane_of.unwrap_or(row.id)) {
        return None;
    }
    match ticket.now.state {
        TicketState::Running if row.lane_of.is_some() => Some(None),
        TicketState::Paused if row.lane_of.is_some() => Some(Some(Move::TaskResumed)),
        state => {
            let in_time = ticket.now.approval_expires_at.is_none_or(|end| at < end);
            let may = in_time && machine::apply(state, Move::TaskStarted).is_ok();
            may.then_some(Some(Move::TaskStarted))
        }
    }
}

fn claimed(task: TaskRow, ticket: TicketRow, sql: Sql) -> Claim {
    let lease = Lease { task: task.id, ticket: task.ticket, epoch: task.epoch };
    Claim::Ours(Box::new(Claimed { lease, task, ticket, sql }))
}

/// Locks the task and its service group. Claims in one service group wait for each other here, so that two never both see room for
/// one: its limit and what excludes what are exact. Limits over several groups are counted without a lock.
async fn lock(tx: &mut Tx, task: TaskId) -> Result<Option<Asked>, Error> {
    Ok(sqlx::query_as(
        "SELECT t.*, g.spec, r.sql_text, r.sql_hash, r.takes_back, r.without_undo, r.online, r.in_chunks, r.request, CAST(EXISTS (SELECT 1 FROM freeze f WHERE f.ended_at IS NULL) AS SIGNED) AS is_frozen \
         FROM task t JOIN service_group g ON g.id = t.service_group_id \
         JOIN ticket_revision r ON r.ticket_id = t.ticket_id AND r.revision = t.revision WHERE t.id = ? FOR UPDATE",
    )
    .bind(task.0)
    .fetch_optional(&mut **tx)
    .await?)
}

/// Writes who has it now; `row` is locked. `false`: it was asked for too long ago, by the store's clock.
async fn take(tx: &mut Tx, row: &mut TaskRow, by: &Claimant, lease_ms: u64, at: Time) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE task SET state = 'running', epoch = epoch + 1, host = ?, boot_id = ?, pid = ?, pid_start = ?, waits = NULL, \
         lease_until = UTC_TIMESTAMP(3) + INTERVAL ? * 1000 MICROSECOND, started_at = ? \
         WHERE id = ? AND state = 'ready' AND UTC_TIMESTAMP(3) < ? + INTERVAL ? SECOND",
    )
    .bind(&by.host)
    .bind(&by.boot_id)
    .bind(by.pid)
    .bind(by.pid_start)
    .bind(lease_ms)
    .bind(at)
    .bind(row.id.0)
    .bind(at)
    .bind(TOO_LATE_S)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    row.state = TaskState::Running;
    row.epoch += 1;
    row.waits = None;
    row.started_at = Some(at);
    (row.host, row.boot_id) = (Some(by.host.clone()), Some(by.boot_id.clone()));
    (row.pid, row.pid_start) = (Some(by.pid), Some(by.pid_start));
    Ok(true)
}

fn is_of(row: &TaskRow, by: &Claimant) -> bool {
    row.host.as_deref() == Some(&by.host)
        && row.boot_id.as_deref() == Some(&by.boot_id)
        && (row.pid, row.pid_start) == (Some(by.pid), Some(by.pid_start))
}
