//! The requester takes his ticket back before it runs. A task that waits is dropped.

use super::{Caller, Failure, Once, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketState, TicketVerb, TicketView},
    },
};
use dbdesk_store::{task, ticket::TicketChange};
use dbdesk_ticket::machine::Move;

/// Withdraws it.
pub async fn withdraw(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Withdraw).await?;
    let state = step.next(Move::Withdraw).await?;
    if matches!(step.row.now.state, TicketState::Scheduled | TicketState::Held) {
        let waiting = step.task()?;
        if !task::drop_unclaimed(&mut step.tx, waiting, step.now).await? {
            return Err(step.just_started());
        }
    }
    let change = TicketChange { state, due_at: None, approval_expires_at: None, ..step.row.now.clone() };
    step.save(caller, change, None, &Event::Withdrawn { by: caller.actor() }).await?;
    step.close(desk, caller).await
}
