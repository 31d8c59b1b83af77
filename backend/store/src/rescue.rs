//! What is written in place of a process that vanished, through the same fence as its own writes ([`crate::run`]).

use crate::{
    Error, Pool, Tx, begin,
    end::{End, end_row, state_of, tell_end},
    entry, passed_over,
    queue::Held,
    run::Lease,
    task::{self, TaskRow},
    ticket::{self, TicketRow},
};
use dbdesk_commands::{
    clock::Time,
    id::TaskId,
    wire::{
        entry::{Cause, Event},
        person::Actor,
        task::TaskKind,
    },
};
use dbdesk_ticket::{
    machine::TaskEnd,
    task::{Wish, end_of_vanished},
};

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
/// `seen`: what the target says of that statement, told where it stays unknown.
pub async fn rescue(
    pool: &Pool,
    held: &Held,
    gone: bool,
    (known, seen): (Option<&Event>, Option<&Event>),
    at: Time,
) -> Result<Rescue, Error> {
    let lease = Lease { task: held.task, ticket: held.ticket, epoch: held.epoch };
    let mut tx = begin(pool).await?;
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
    if !end_row(&mut tx, &lease, &row, state_of(end.end), at).await? {
        return Ok(Rescue::Alive);
    }
    if let Some(seen) = seen.filter(|_| end.end == TaskEnd::Lost) {
        entry::append(&mut tx, &ticket, Some(held.task), &Actor::Desk, at, seen, None).await?;
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
    let (Event::StatementDone { index, .. }
    | Event::StepDone { index, .. }
    | Event::StepFailed { index, .. }
    | Event::StatementFailed { index, .. }
    | Event::RolledBack { index, .. }
    | Event::ScriptFailed { index, .. }
    | Event::ChunksStopped { index, .. }) = event
    else {
        return Ok(Late::Useless);
    };
    let Some(row) = task::get(pool, task).await? else { return Ok(Late::Useless) };
    if !row.state.is_final() {
        return Ok(Late::NotYet);
    }
    let mut tx = begin(pool).await?;
    let Some(ticket) = ticket::lock(&mut tx, row.ticket).await? else { return Ok(Late::Useless) };
    let done = sqlx::query(
        "UPDATE task SET in_flight = NULL, done = done + ? WHERE id = ? AND epoch = ? AND state = 'lost' AND in_flight = ?",
    )
    .bind(u32::from(matches!(event, Event::StatementDone { .. } | Event::StepDone { .. })))
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
        (Some(Event::StatementDone { index, .. } | Event::StepDone { index, .. }), Some(flying))
            if *index == flying =>
        {
            if let Some(event) = known {
                entry::append(tx, ticket, Some(lease.task), &Actor::Desk, at, event, None).await?;
            }
            row.in_flight = None;
            row.done += 1;
        }
        (
            Some(
                failed @ (Event::StatementFailed { index, .. }
                | Event::StepFailed { index, .. }
                | Event::RolledBack { index, .. }
                | Event::ScriptFailed { index, .. }
                | Event::ChunksStopped { index, .. }),
            ),
            Some(flying),
        ) if *index == flying => {
            let is_script = matches!(failed, Event::ScriptFailed { .. });
            return Ok(End {
                end: TaskEnd::Failed,
                cause: Some(if is_script { Cause::Script } else { Cause::Statement }),
                last: Some(failed.clone()),
            });
        }
        _ => {}
    }
    if row.in_flight.is_none() && row.is_through() {
        // What is behind its last statement ran in an earlier task.
        row.done = row.total;
        return Ok(match passed_over::count(&mut **tx, row.id).await? {
            0 => End { end: TaskEnd::Succeeded, cause: None, last: None },
            _ => End { end: TaskEnd::Failed, cause: Some(Cause::PassedOver), last: None },
        });
    }
    // A person wanted it to stop, and nothing was in flight: that it has.
    if row.in_flight.is_none() && row.wish == Wish::Cancel {
        return Ok(End { end: TaskEnd::Cancelled, cause: Some(Cause::Cancelled), last: None });
    }
    // A step of a workflow may be done again, whatever became of it.
    let unknown = row.in_flight.is_some() && row.kind != TaskKind::Cluster;
    Ok(End { end: end_of_vanished(unknown), cause: Some(cause), last: None })
}
