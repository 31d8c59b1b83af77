//! A DBA stops it: before it runs at once, later through its process.

use super::{Caller, Failure, Once, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::{Cause, Event},
        person::Actor,
        ticket::{TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{entry, lanes, task, ticket::TicketChange};
use dbdesk_ticket::{machine::Move, task::Wish};

/// Cancels it.
pub async fn cancel(desk: &Desk, caller: &Caller, once: &Once, id: TicketId) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Cancel).await?;
    let state = step.next(Move::AskCancel).await?;
    let task = step.task()?;
    let before = matches!(step.row.now.state, TicketState::Scheduled | TicketState::Held);
    let heard = if before {
        task::drop_unclaimed(&mut step.tx, task, step.now).await?
    } else {
        // Lanes that nobody has begun are dropped; where there are only such, nobody else ends the ticket.
        let dropped = task::drop_unclaimed(&mut step.tx, task, step.now).await?;
        task::wish(&mut step.tx, task, Wish::Cancel).await? || dropped
    };
    if !heard {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task), &Event::CancelAsked { by: caller.actor() }).await?;
    if before {
        let total = task::lock(&mut step.tx, task).await?.map_or(0, |task| task.total);
        let event = Event::Ended { state, done: 0, total, cause: Some(Cause::Cancelled) };
        entry::append(&mut step.tx, &step.row, Some(task), &Actor::Desk, step.now, &event, None).await?;
    } else {
        lanes::changed(&mut step.tx, &step.row, task, Some(Cause::Cancelled), step.now).await?;
    }
    step.close(desk, caller).await
}
