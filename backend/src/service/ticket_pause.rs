//! A DBA asks a running ticket to hold between two statements.

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
pub async fn pause(desk: &Desk, caller: &Caller, once: &Once, id: TicketId) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Pause).await?;
    let state = step.next(Move::AskPause).await?;
    let task = step.task()?;
    if !task::wish(&mut step.tx, task, Wish::Pause).await? {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task), &Event::PauseAsked { by: caller.actor() }).await?;
    step.close(desk, caller).await
}
