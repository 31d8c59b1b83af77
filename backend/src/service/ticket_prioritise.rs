//! A DBA moves a ticket before or behind others that are due.

use super::{Caller, Failure, Once, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketPrioritise, TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{
    task,
    ticket::{self, TicketChange},
};
use dbdesk_ticket::machine::Move;

/// Sets the priority of the ticket and of the task that waits for it.
pub async fn prioritise(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    TicketPrioritise { priority }: TicketPrioritise,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Prioritise).await?;
    let state = step.next(Move::Prioritise).await?;
    ticket::prioritise(&mut step.tx, id, priority).await?;
    let task = step.row.now.task.filter(|_| state != TicketState::AwaitingApproval);
    if let Some(task) = task
        && !task::prioritise(&mut step.tx, task, priority).await?
    {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, task, &Event::Prioritised { by: caller.actor(), priority }).await?;
    step.close(desk, caller).await
}
