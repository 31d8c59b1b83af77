//! A new task of the same approved bytes that goes on where the one before it ended.

use super::{Caller, Failure, approval::expires_at, refuse, step::Step, ticket_approve::confirmed};
use crate::desk::Desk;
use dbdesk_commands::wire::{
    entry::Event,
    task::TaskState,
    ticket::{TicketConfirm, TicketState, TicketView},
};
use dbdesk_executor::run::Script;
use dbdesk_store::{
    account, revision, service_group,
    task::{self, NewTask, Retry, TaskRow},
    ticket::TicketChange,
};

/// What goes on.
pub(super) struct Again {
    /// Where the ticket goes.
    pub(super) state: TicketState,
    /// The task before.
    pub(super) before: TaskRow,
    /// The name that confirms it.
    pub(super) name: String,
    /// The first statement of the new one, from 0.
    pub(super) from: u32,
    /// What is told.
    pub(super) event: Event,
}

/// What a decision about a ticket's last task is about.
pub(super) struct Last {
    /// The task, as it is while its ticket is locked.
    pub(super) row: TaskRow,
    /// The name that confirms it, where one is asked for.
    pub(super) name: String,
    /// Of other lanes, too, nobody knows whether their last statement ran.
    pub(super) others: bool,
}

/// The ticket's newest task. Of several lanes of which nobody knows whether their last statement ran the one on the group that was typed;
/// where there is none of those the one that the ticket names.
pub(super) async fn last(step: &mut Step, body: &TicketConfirm) -> Result<Last, Failure> {
    let lead = step.task()?;
    let lanes = task::newest_lanes(&mut *step.tx, lead).await?;
    let lost: Vec<TaskRow> =
        lanes.into_iter().filter(|lane| lane.state == TaskState::Lost && lane.in_flight.is_some()).collect();
    if lost.is_empty() {
        let row = task::lock(&mut step.tx, lead).await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("task {lead} of {} is gone", step.row.id))?;
        return Ok(Last { row, name: step.group.name.clone(), others: false });
    }
    let names = service_group::names_of(&mut *step.tx, &lost.iter().map(|lane| lane.group).collect()).await?;
    let name_of = |lane: &TaskRow| names.get(&lane.group).cloned().unwrap_or_default();
    let typed = body.confirm.as_deref().map(str::trim);
    let others = lost.len() > 1;
    let unknown: Vec<(String, u32)> =
        lost.iter().map(|lane| (name_of(lane), lane.in_flight.unwrap_or_default() + 1)).collect();
    match lost.into_iter().find(|lane| typed == Some(name_of(lane).as_str())) {
        Some(row) => Ok(Last { name: name_of(&row), row, others }),
        None => Err(refuse::which_lane(typed, &unknown).into()),
    }
}

/// Of one of several lanes a person says whether its last statement ran; the ticket stays lost until he has said it of all.
pub(super) async fn one_of_several(
    desk: &Desk,
    caller: &Caller,
    mut step: Step,
    (last, settled): (Last, task::Settled),
    (event, body): (Event, &TicketConfirm),
) -> Result<TicketView, Failure> {
    confirmed(&mut step, body, &last.name).await?;
    task::settle(&mut step.tx, last.row.id, settled).await?;
    let change = step.row.now.clone();
    step.save(caller, change, Some(last.row.id), &event).await?;
    step.close(desk, caller).await
}

/// Makes the new task. Whoever asks for it approves it: what he looked at must stand there, and he is the one who decided.
pub(super) async fn go_on(
    desk: &Desk,
    caller: &Caller,
    step: &mut Step,
    again: Again,
    body: &TicketConfirm,
) -> Result<(), Failure> {
    let Again { state, before, name, from, event } = again;
    if let Some(account) = step.row.account
        && !account::stands(&mut step.tx, account, step.row.id).await?
    {
        return Err(refuse::account_has_changed(step.row.id, account).into());
    }
    let (sql_hash, total) = confirmed(step, body, &name).await?;
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
    let script = match &sql.request {
        Some(_) => Script::of_request(&sql, approved),
        None => Script::approved(&sql, approved, before.total),
    };
    match script {
        Ok(script) if script.fresh_session_serves(from) => Ok(()),
        Ok(_) => Err(refuse::session_gone(id, from).into()),
        Err(_) => Err(refuse::content_changed(id).into()),
    }
}
