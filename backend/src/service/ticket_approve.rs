//! One who is asked says yes. The approval binds to the exact bytes of the revision he looked at; with the last one that policy wants it may
//! run.

use super::{
    Caller, Failure, Once,
    approval::{Approval, due_at, schedule},
    refuse, standing,
    step::{self, Looked, Step},
    steps,
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        person::PersonView,
        ticket::{Risk, TicketConfirm, TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{
    approval::{self, ApprovalRow},
    person, revision,
    ticket::{self, TicketChange},
};
use dbdesk_ticket::{
    approval::{Given, approve as approves, open},
    machine::Move,
};

/// Approves it.
pub async fn approve(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketConfirm,
) -> Result<TicketView, Failure> {
    let Looked { row: seen, group, .. } = step::look(desk, caller, id, TicketVerb::Approve).await?;
    let mut step = step::lock(desk, caller, once, id, TicketVerb::Approve, group).await?;
    if step.row.now.revision != seen.now.revision {
        return Err(refuse::stale(&step.row, &step.group).into());
    }
    step.next(Move::ApproveStep).await?;
    let name = step.group.name.clone();
    let (sql_hash, statements) = confirmed(&mut step, &body, &name).await?;
    let due_at = due_at(step.row.now.when, &step.group, step.now)?;
    let counts = given(desk, caller, &mut step, sql_hash.clone()).await?;
    let of = (id, step.row.now.revision);
    approval::give(&mut step.tx, of, &counts.row).await?;
    if let Some(left) = counts.left {
        let change = TicketChange { decided_by: None, ..step.row.now.clone() };
        let event = Event::StepApproved {
            by: caller.person.view(),
            stood_in_for: counts.stood_in_for,
            step: counts.row.step,
            steps: left.steps,
            missing: left.missing,
            from: left.from,
        };
        step.next(Move::ApproveStep).await?;
        step.save(caller, change, None, &event).await?;
        ticket::remind_anew(&mut step.tx, id).await?;
    } else {
        let state = step.next(Move::Approve).await?;
        let approval = Approval {
            by: caller.actor(),
            due_at,
            sql_hash,
            statements,
            waits_for_quiet: false,
            stood_in_for: counts.stood_in_for,
            emergency: counts.row.emergency,
        };
        step.row = schedule(desk, &mut step.tx, &step.row, state, approval, step.now).await?;
    }
    step.close(desk, caller).await
}

/// An approval that counts.
struct One {
    row: ApprovalRow,
    stood_in_for: Option<PersonView>,
    /// What is missing after it; `None`: nothing.
    left: Option<Left>,
}

/// What is still missing.
struct Left {
    steps: u8,
    missing: u8,
    from: String,
}

/// What this person's approval comes to. In an emergency of his own nobody else is needed.
async fn given(desk: &Desk, caller: &Caller, step: &mut Step, sql_hash: String) -> Result<One, Failure> {
    let who = &caller.person;
    // As he stands to the revision that is locked now.
    let known = standing::known(desk, who, &step.row, &step.group, step.now).await?;
    refuse::may(&known, &step.row, TicketVerb::Approve)?;
    let of = (step.row.id, step.row.now.revision);
    let at = step.now;
    let row = |one: Given, emergency| ApprovalRow {
        by: one.by,
        stood_in_for: one.stood_in_for,
        step: one.step,
        sql_hash: sql_hash.clone(),
        emergency,
        at,
    };
    if known.standing.is_dba
        && let Some(emergency) = step.emergency(caller).await?
    {
        let one = Given { step: 0, by: who.id, stood_in_for: None };
        return Ok(One { row: row(one, Some(emergency)), stood_in_for: None, left: None });
    }
    let before = approval::given(&mut *step.tx, of, steps::lapse(&desk.config.policy, step.now)).await?;
    if before.iter().any(|one| one.sql_hash != sql_hash) {
        return Err(refuse::content_changed(step.row.id).into());
    }
    let mut all = steps::counted(&before);
    let approver = known.approver(&desk.config.policy.approvers, &step.group, who);
    let one = approves(&known.steps, &all, &approver, step.row.requester)
        .map_err(|why| refuse::no_approval(step.row.id, why))?;
    all.push(one);
    let left = open(&known.steps, &all).and_then(|open| {
        let from = known.steps.get(usize::from(open.step))?.from.clone();
        Some(Left { steps: u8::try_from(known.steps.len()).unwrap_or(u8::MAX), missing: open.missing, from })
    });
    let stood_in_for = match one.stood_in_for {
        Some(other) => person::by_id(&mut *step.tx, other).await?.map(|person| person.view()),
        None => None,
    };
    Ok(One { row: row(one, None), stood_in_for, left })
}

/// What was looked at is what stands there, and what destroys, or is lost, is confirmed by the group's name. Gives hash and
/// statements.
pub(super) async fn confirmed(
    step: &mut Step,
    body: &TicketConfirm,
    name: &str,
) -> Result<(String, u32), Failure> {
    let (id, number) = (step.row.id, step.row.now.revision);
    let (sql_hash, statements) = revision::hash(&mut *step.tx, id, number)
        .await?
        .ok_or_else(|| anyhow::anyhow!("revision {number} of {id} is gone"))?;
    if body.sql_hash.as_ref().is_some_and(|seen| !seen.eq_ignore_ascii_case(&sql_hash)) {
        return Err(refuse::stale(&step.row, &step.group).into());
    }
    let typed = body.confirm.as_deref();
    let lost = step.row.now.state == TicketState::Lost;
    let asks = lost || step.row.now.risk == Risk::High;
    if asks && typed.map(str::trim) != Some(name) {
        return Err(refuse::not_confirmed(typed, lost, name).into());
    }
    Ok((sql_hash, statements))
}
