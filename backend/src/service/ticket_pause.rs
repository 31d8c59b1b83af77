//! A DBA keeps an approved ticket from starting, or asks a running one to hold between two statements.

use super::{Caller, Failure, Once, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{lanes, task, ticket::TicketChange};
use dbdesk_ticket::{machine::Move, task::Wish};

/// Before it runs it is on hold at once. Later the wish is left, and its process says when it has heard it.
pub async fn pause(desk: &Desk, caller: &Caller, once: &Once, id: TicketId) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Pause).await?;
    let state = step.next(Move::AskPause).await?;
    let task = step.task()?;
    let (heard, event) = if state == TicketState::Held {
        (task::hold(&mut step.tx, task).await?, Event::Held { by: caller.actor() })
    } else {
        // Lanes that nobody has begun are kept from it.
        let held = task::hold(&mut step.tx, task).await?;
        let heard = task::wish(&mut step.tx, task, Wish::Pause).await? || held;
        (heard, Event::PauseAsked { by: caller.actor() })
    };
    if !heard {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task), &event).await?;
    lanes::changed(&mut step.tx, &step.row, task, None, step.now).await?;
    step.close(desk, caller).await
}
