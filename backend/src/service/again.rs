//! A new task of the same approved bytes that goes on where the one before it ended.

use super::{Caller, Failure, approval::expires_at, refuse, step::Step, ticket_approve::confirmed};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TaskId,
    wire::{
        entry::Event,
        task::TaskState,
        ticket::{TicketConfirm, TicketState},
    },
};
use dbdesk_executor::run::Script;
use dbdesk_store::{
    revision,
    task::{self, NewTask, Retry, TaskRow},
    ticket::TicketChange,
};

/// What goes on.
pub(super) struct Again {
    /// Where the ticket goes.
    pub(super) state: TicketState,
    /// The task before.
    pub(super) before: TaskRow,
    /// The first statement of the new one, from 0.
    pub(super) from: u32,
    /// What is told.
    pub(super) event: Event,
}

/// The ticket's newest task, locked: of several lanes one of which nobody knows whether its last statement ran, where there is such.
pub(super) async fn last(step: &mut Step) -> Result<TaskRow, Failure> {
    let lead = step.task()?;
    let lost = lost_lanes(step, lead).await?;
    let id = lost.first().copied().unwrap_or(lead);
    let row = task::lock(&mut step.tx, id).await?;
    row.ok_or_else(|| anyhow::anyhow!("task {id} of {} is gone", step.row.id).into())
}

/// The lanes of which nobody knows whether their last statement ran.
pub(super) async fn lost_lanes(step: &mut Step, lead: TaskId) -> Result<Vec<TaskId>, Failure> {
    let lanes = task::newest_lanes(&mut *step.tx, lead).await?;
    let lost = lanes.iter().filter(|lane| lane.state == TaskState::Lost && lane.in_flight.is_some());
    Ok(lost.map(|lane| lane.id).collect())
}

/// Makes the new task. Whoever asks for it approves it: what he looked at must stand there, and he is the one who decided.
pub(super) async fn go_on(
    desk: &Desk,
    caller: &Caller,
    step: &mut Step,
    again: Again,
    body: &TicketConfirm,
) -> Result<(), Failure> {
    let Again { state, before, from, event } = again;
    let (sql_hash, total) = confirmed(step, body).await?;
    serves(step, &before, from).await?;
    let (now, ticket, revision) = (step.now, step.row.id, before.revision);
    let retry = Some(Retry { of: before.id, attempt: before.attempt + 1, from });
    let new = NewTask { ticket, revision, total, due_at: now, at: now, is_offered: true, retry };
    let task = task::insert(&mut step.tx, &new).await?;
    let change = TicketChange {
        state,
        due_at: Some(now),
        decided_by: Some(caller.person.id),
        approved_by_policy: false,
        approved_hash: Some(sql_hash),
        approval_expires_at: Some(expires_at(desk, step.row.now.when, now, now)),
        task: Some(task),
        ..step.row.now.clone()
    };
    step.save(caller, change, Some(task), &event).await
}

/// Refuses where the statements from `from` on need what earlier ones left in the session, which is gone.
async fn serves(step: &mut Step, before: &TaskRow, from: u32) -> Result<(), Failure> {
    let (id, number) = (step.row.id, before.revision);
    let sql = revision::sql(&mut *step.tx, id, number).await?;
    let sql = sql.ok_or_else(|| anyhow::anyhow!("revision {number} of {id} is gone"))?;
    // An approval is of the newest revision.
    let approved = step.row.now.approved_hash.as_deref().filter(|_| step.row.now.revision == number);
    match Script::approved(&sql, approved, before.total) {
        Ok(script) if script.fresh_session_serves(from) => Ok(()),
        Ok(_) => Err(refuse::session_gone(id, from).into()),
        Err(_) => Err(refuse::content_changed(id).into()),
    }
}
