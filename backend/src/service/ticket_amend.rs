//! The requester replaces the SQL: reviewed again, a new revision, every approval void. A task that waits is dropped.

use super::{
    Caller, Failure, Once,
    approval::{Approval, schedule},
    content::{self, verdict},
    refuse,
    reviewing::{Reviewed, review},
    spread::written,
    step::{self, Looked},
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    id::TicketId,
    lang::said,
    when::When,
    wire::{
        entry::Event,
        person::Actor,
        problem::{Code, Refusal},
        ticket::{TicketAmend, TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{
    revision, task,
    ticket::{self, TicketChange, TicketRow},
};
use dbdesk_ticket::{
    machine::{self, Move},
    policy::Verdict,
};

/// Amends it.
pub async fn amend(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketAmend,
) -> Result<TicketView, Failure> {
    let amended = seen(desk, caller, id, TicketVerb::Amend, body.revision).await?;
    let when = match &body.when {
        Some(text) => content::when(text, &amended.group, desk.clock.now())?,
        None => amended.row.now.when,
    };
    let place = (&amended.group, amended.row.database.as_str());
    let sql = written(desk, body.sql, Some(place)).await?.sql;
    let reviewed =
        review(desk, caller.within(), &sql, Some(&amended.group), Some(&amended.row.database)).await?;
    let event = |by, revision, statements| Event::Amended { by, revision, statements };
    replace(desk, caller, once, amended, when, (&sql, &reviewed), event).await
}

/// A ticket that is about to be amended.
pub(super) struct Seen {
    pub(super) row: TicketRow,
    pub(super) group: ServiceGroup,
    verb: TicketVerb,
}

/// The ticket for one who may amend it, in a state that allows it, at the revision that he looked at.
pub(super) async fn seen(
    desk: &Desk,
    caller: &Caller,
    id: TicketId,
    verb: TicketVerb,
    revision: Option<u32>,
) -> Result<Seen, Failure> {
    let Looked { row, group, .. } = step::look(desk, caller, id, verb).await?;
    if revision.is_some_and(|revision| revision != row.now.revision) {
        return Err(refuse::stale(&row, &group).into());
    }
    let sql = revision::sql(&desk.store, id, row.now.revision).await?;
    if sql.is_some_and(|sql| sql.request.is_some()) {
        return Err(no_sql(id).into());
    }
    // A review takes time: not for a ticket that has ended.
    if let Err(illegal) = machine::apply(row.now.state, Move::Amend(Verdict::MustAmend)) {
        return Err(refuse::wrong_state(id, illegal.state, verb).into());
    }
    Ok(Seen { row, group, verb })
}

fn no_sql(id: TicketId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "{id} is no SQL that could be amended. Withdraw it, and ask again with other values.",
            "{id} 不是 SQL 工单，不能修改。请撤回后用新的内容重新申请。"
        ),
    )
}

/// Writes the new revision, and lets it go where its review leads.
pub(super) async fn replace(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    seen: Seen,
    when: When,
    (sql, reviewed): (&str, &Reviewed),
    event: impl FnOnce(Actor, u32, u32) -> Event,
) -> Result<TicketView, Failure> {
    let Seen { row: seen, group, verb } = seen;
    let id = seen.id;
    let (verdict, risk) = verdict(reviewed, &desk.config.policy, &group);

    let mut step = step::lock(desk, caller, once, id, verb, group).await?;
    if step.row.now.revision != seen.now.revision {
        return Err(refuse::stale(&step.row, &step.group).into());
    }
    let state = step.next(Move::Amend(verdict)).await?;
    if matches!(step.row.now.state, TicketState::Scheduled | TicketState::Held) {
        let waiting = step.task()?;
        if !task::drop_unclaimed(&mut step.tx, waiting, step.now).await? {
            return Err(step.just_started());
        }
    }
    let revision = step.row.now.revision.saturating_add(1);
    let change = TicketChange {
        state,
        revision,
        when,
        due_at: None,
        risk,
        decided_by: None,
        approved_by_policy: false,
        decision_reason: None,
        approved_hash: None,
        approval_expires_at: None,
        task: None,
    };
    let by_at = (caller.person.id, step.now);
    let group_risk = (&step.group, risk);
    content::write(desk, &mut step.tx, (id, revision), (sql, reviewed), group_risk, by_at).await?;
    let event = event(caller.actor(), revision, reviewed.statements());
    step.save(caller, change, None, &event).await?;
    // Approvals that were given are void: those who are asked are called as for a new one.
    ticket::remind_anew(&mut step.tx, id).await?;
    if verdict == Verdict::Passes {
        let approval = Approval::by_policy(reviewed, when, &step.group, step.now)?;
        step.row = schedule(desk, &mut step.tx, &step.row, state, approval, step.now).await?;
    }
    step.close(desk, caller).await
}
