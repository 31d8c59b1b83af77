//! A DBA lets a ticket start that was on hold, or asks one that holds between two statements to go on.

use super::{Caller, Failure, Once, refuse, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{task, ticket::TicketChange};
use dbdesk_ticket::{machine::Move, task::Wish};

/// What was on hold waits for its time again; where that has passed it starts now, since a DBA says so. Where it runs, the wish
/// is left, and its process says when it has heard it.
pub async fn resume(desk: &Desk, caller: &Caller, once: &Once, id: TicketId) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Resume).await?;
    let state = step.next(Move::AskResume).await?;
    refuse::frozen(&mut step, TicketVerb::Resume).await?;
    let task = step.task()?;
    let by = caller.actor();
    let (heard, event) = if state == TicketState::Scheduled {
        let due_at = step.row.now.due_at.map_or(step.now, |due_at| due_at.max(step.now));
        (task::release(&mut step.tx, task).await?, Event::Released { by, due_at })
    } else {
        let released = task::release(&mut step.tx, task).await?;
        (task::wish(&mut step.tx, task, Wish::Go).await? || released, Event::ResumeAsked { by })
    };
    if !heard {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task), &event).await?;
    step.close(desk, caller).await
}
