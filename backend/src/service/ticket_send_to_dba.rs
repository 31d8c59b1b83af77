//! The requester sends a ticket that failed a rule on to a DBA.

use super::{Caller, Failure, Once, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_store::ticket::TicketChange;
use dbdesk_ticket::machine::Move;

/// Sends it on.
pub async fn send_to_dba(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::SendToDba).await?;
    let state = step.next(Move::SendToDba).await?;
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, None, &Event::SentToDba { by: caller.actor() }).await?;
    step.close(desk, caller).await
}
