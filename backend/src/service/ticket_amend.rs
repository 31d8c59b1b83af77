//! The requester replaces the SQL: reviewed again, a new revision, every approval void. A task that waits is dropped.

use super::{
    Caller, Failure, Once,
    approval::{Approval, due_at, schedule},
    content::{self, verdict},
    refuse,
    reviewing::review,
    step,
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        person::Actor,
        ticket::{TicketAmend, TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{task, ticket::TicketChange};
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
    let (seen, group) = step::look(desk, caller, id, TicketVerb::Amend).await?;
    if body.revision.is_some_and(|revision| revision != seen.now.revision) {
        return Err(refuse::stale(&seen, &group).into());
    }
    // A review takes time: not for a ticket that has ended.
    if let Err(illegal) = machine::apply(seen.now.state, Move::Amend(Verdict::MustAmend)) {
        return Err(refuse::wrong_state(id, illegal.state, TicketVerb::Amend).into());
    }
    let when = match &body.when {
        Some(text) => content::when(text, &group, desk.clock.now())?,
        None => seen.now.when,
    };
    let reviewed = review(desk, &body.sql, Some(&group), Some(&seen.database)).await?;
    let (verdict, risk) = verdict(&reviewed, &desk.config.policy, &group);

    let mut step = step::lock(desk, once, id, TicketVerb::Amend, group).await?;
    if step.row.now.revision != seen.now.revision {
        return Err(refuse::stale(&step.row, &step.group).into());
    }
    let state = step.next(Move::Amend(verdict)).await?;
    if step.row.now.state == TicketState::Scheduled {
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
    content::write(desk, &mut step.tx, (id, revision), (&body.sql, &reviewed), risk, by_at).await?;
    let event = Event::Amended { by: caller.actor(), revision, statements: reviewed.statements() };
    step.save(caller, change, None, &event).await?;
    if verdict == Verdict::Passes {
        let approval = Approval {
            by: Actor::Policy,
            due_at: due_at(when, &step.group, step.now)?,
            sql_hash: reviewed.sql_hash.clone(),
            statements: reviewed.statements(),
        };
        step.row = schedule(desk, &mut step.tx, &step.row, state, approval, step.now).await?;
    }
    step.close(desk, caller).await
}
