//! A DBA asks a ticket that holds to go on.

use super::{Caller, Failure, Once, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_store::{task, ticket::TicketChange};
use dbdesk_ticket::{machine::Move, task::Wish};

/// Leaves the wish; its process says when it has heard it.
pub async fn resume(desk: &Desk, caller: &Caller, once: &Once, id: TicketId) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Resume).await?;
    let state = step.next(Move::AskResume).await?;
    let task = step.task()?;
    if !task::wish(&mut step.tx, task, Wish::Go).await? {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task), &Event::ResumeAsked { by: caller.actor() }).await?;
    step.close(desk, caller).await
}
