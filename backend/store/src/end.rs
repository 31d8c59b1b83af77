//! The end of a task's work: written by its own process, or in its place ([`crate::rescue`]). The ticket follows.

use crate::{
    Error, Pool, Tx, account, begin, entry, lanes, passed_over, revision,
    run::{Fence, Lease, follow, holds, next},
    task::{self, NewTask, Retry, TaskRow},
    task_line::{self, Lines},
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, TicketId},
    wire::{
        entry::{AboutAccount, Cause, Event},
        person::Actor,
        task::TaskState,
        ticket::TicketState,
    },
};
use dbdesk_ticket::{
    machine::{self, Move, TaskEnd},
    task::{MOST_ATTEMPTS, Wish, repeats},
};
use serde::{Deserialize, Serialize};

/// How a task's work ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How.
    pub end: TaskEnd,
    /// What is known, where it did not end well.
    pub cause: Option<Cause>,
    /// What happened right before: the statement that failed, or the last one that ran.
    pub last: Option<Event>,
}

/// Ends a task; its ticket follows.
pub(crate) async fn ended(
    pool: &Pool,
    lease: &Lease,
    end: &End,
    lines: &Lines,
    at: Time,
) -> Result<Fence, Error> {
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, lease.ticket).await? else { return Ok(Fence::Closed) };
    let state = state_of(end.end);
    let Some(mut row) = task::lock(&mut tx, lease.task).await? else { return Ok(Fence::Closed) };
    let ran = match end.last {
        Some(Event::StatementDone { index, .. } | Event::StepDone { index, .. }) => Some(index),
        _ => None,
    };
    if row.epoch != lease.epoch || !holds(row.state) || ran.is_some() && row.in_flight != ran {
        let same = row.epoch == lease.epoch && row.state == state;
        return Ok(if same { Fence::Passed } else { Fence::Closed });
    }
    if ran.is_some() {
        row.in_flight = None;
        row.done += 1;
    }
    if end.end == TaskEnd::Succeeded || end.cause == Some(Cause::PassedOver) {
        // What is behind its last statement ran in an earlier task.
        row.done = row.total;
    }
    if !end_row(&mut tx, lease, &row, state, at).await? {
        return Ok(Fence::Closed);
    }
    tell_end(&mut tx, &ticket, &row, end, at).await?;
    task_line::add(&mut *tx, lease.task, lines).await?;
    tx.commit().await?;
    Ok(Fence::Passed)
}

/// What is done may be about another ticket, whose card shows it: the one that was taken back, or that made the account.
pub(crate) async fn tell_others(
    tx: &mut Tx,
    ticket: &TicketRow,
    state: TicketState,
    at: Time,
) -> Result<(), Error> {
    if state != TicketState::Done {
        return Ok(());
    }
    let told = match (ticket.takes_back, ticket.account) {
        (Some(before), _) => Some((before, Event::TakenBack { ticket: ticket.id })),
        (None, Some(account)) => about_account(tx, ticket, account).await?,
        (None, None) => None,
    };
    let Some((id, event)) = told.filter(|(id, _)| *id != ticket.id) else { return Ok(()) };
    if let Some(other) = ticket::lock(tx, id).await? {
        entry::append(tx, &other, None, &Actor::Desk, at, &event, None).await?;
    }
    Ok(())
}

/// What it did to an account, for the thread of the ticket that made that.
async fn about_account(
    tx: &mut Tx,
    ticket: &TicketRow,
    account: AccountId,
) -> Result<Option<(TicketId, Event)>, Error> {
    let first = account::get(&mut **tx, account).await?.and_then(|account| account.ticket);
    let sql = revision::sql(&mut **tx, ticket.id, ticket.now.revision).await?;
    let request: Option<serde_json::Map<String, serde_json::Value>> =
        sql.and_then(|sql| sql.request).and_then(|request| serde_json::from_str(&request).ok());
    let what = match request.as_ref().and_then(|request| request.keys().next()).map(String::as_str) {
        Some("renew") => AboutAccount::Renew,
        Some("rotate") => AboutAccount::Rotate,
        Some("end_old") => AboutAccount::EndOld,
        Some("lock") => AboutAccount::Lock,
        Some("drop") => AboutAccount::Drop,
        _ => return Ok(None),
    };
    Ok(first.map(|first| (first, Event::AccountChanged { ticket: ticket.id, what })))
}

/// Through the fence; `row` says what ran.
pub(crate) async fn end_row(
    tx: &mut Tx,
    lease: &Lease,
    row: &TaskRow,
    state: TaskState,
    at: Time,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE task SET state = ?, ended_at = ?, lease_until = NULL, in_flight = ?, done = ? \
         WHERE id = ? AND epoch = ? AND state IN ('running', 'paused')",
    )
    .bind(state.word())
    .bind(at)
    .bind(row.in_flight)
    .bind(row.done)
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
        // Its end follows, and is the newest.
        entry::write(tx, (ticket.id, ticket.version), Some(row.id), &Actor::Desk, at, last, None).await?;
    }
    if repeated(tx, ticket, row, end, at).await? {
        return Ok(());
    }
    if let Some(lead) = row.lane_of {
        return lanes::ended(tx, ticket, (lead, row), end, at).await;
    }
    let coming = Move::TaskEnded(end.end);
    let state = next(ticket, coming)?;
    let done = row.done - passed_over::count(&mut **tx, row.id).await?.min(row.done);
    let event = Event::Ended { state, done, total: row.total, cause: end.cause };
    follow(tx, ticket, row.id, coming, &event, at).await?;
    tell_others(tx, ticket, state, at).await
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
    let new = NewTask { ticket: id, revision, total, due_at, at, is_offered: false, retry };
    if row.lane_of.is_some() {
        lanes::repeat(tx, ticket, row, (&new, cause)).await?;
        return Ok(true);
    }
    let task = task::insert(tx, &new).await?;
    let mut state = next(ticket, Move::TaskRepeats)?;
    if row.wish == Wish::Pause && task::is_held_by_person(tx, row.id).await? {
        task::hold(tx, task).await?;
        state = machine::apply(state, Move::AskPause).map_err(|illegal| Error::Fault(illegal.into()))?;
    }
    let change = TicketChange { state, due_at: Some(due_at), task: Some(task), ..ticket.now.clone() };
    let event = Event::Repeats { attempt, most: MOST_ATTEMPTS, due_at, cause };
    entry::moves(tx, ticket, change, Some(task), &Actor::Desk, at, &event).await?;
    Ok(true)
}

pub(crate) fn state_of(end: TaskEnd) -> TaskState {
    match end {
        TaskEnd::Succeeded => TaskState::Succeeded,
        TaskEnd::Failed => TaskState::Failed,
        TaskEnd::Cancelled => TaskState::Cancelled,
        TaskEnd::Lost => TaskState::Lost,
    }
}
