//! A DBA says no, and why.

use super::{Caller, Failure, Once, content, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketReject, TicketVerb, TicketView},
    },
};
use dbdesk_store::ticket::TicketChange;
use dbdesk_ticket::machine::Move;

/// Rejects it.
pub async fn reject(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketReject,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Reject).await?;
    let state = step.next(Move::Reject).await?;
    let reason = content::reason(&body.reason)?;
    let change = TicketChange {
        state,
        decided_by: Some(caller.person.id),
        decision_reason: Some(reason.clone()),
        ..step.row.now.clone()
    };
    let event = Event::Rejected { by: caller.actor(), reason };
    step.save(caller, change, None, &event).await?;
    step.close(desk, caller).await
}
