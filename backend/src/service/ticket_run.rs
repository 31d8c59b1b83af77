//! A DBA moves an approved ticket's start to now.

use super::{Caller, Failure, Once, approval::expires_at, refuse, step, ticket_approve::confirmed};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketConfirm, TicketVerb, TicketView},
    },
};
use dbdesk_store::{task, ticket::TicketChange};
use dbdesk_ticket::machine::Move;

/// Runs it now.
pub async fn run(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketConfirm,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Run).await?;
    let state = step.next(Move::Run).await?;
    let name = step.group.name.clone();
    confirmed(&mut step, &body, &name).await?;
    refuse::frozen(&mut step, TicketVerb::Run).await?;
    let waiting = step.task()?;
    if !task::due_now(&mut step.tx, waiting, step.now).await? {
        return Err(step.just_started());
    }
    // A DBA who looks at another's work vouches for it anew; his own keeps the end that it had.
    let (at, end) = (step.now, step.row.now.approval_expires_at);
    if end.is_some_and(|end| end <= at) {
        return Err(refuse::approval_over(id).into());
    }
    let is_anothers = step.row.requester != caller.person.id;
    let change = TicketChange {
        state,
        due_at: Some(step.row.now.due_at.map_or(step.now, |due_at| due_at.min(step.now))),
        approval_expires_at: if is_anothers {
            Some(expires_at(desk, step.row.now.when, at, at))
        } else {
            end
        },
        ..step.row.now.clone()
    };
    step.save(caller, change, Some(waiting), &Event::RunNow { by: caller.actor() }).await?;
    step.close(desk, caller).await
}
