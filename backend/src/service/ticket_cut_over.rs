//! A DBA lets the copy of a table take the table's place.

use super::{Caller, Failure, Once, steered, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        cut_over::{CutOver, TicketCutOver},
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_ticket::machine::Move;

/// As soon as all rows are copied, whatever is configured; or then in a quiet window, where the group has any.
pub async fn cut_over(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    TicketCutOver { quiet }: TicketCutOver,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::CutOver).await?;
    let state = step.next(Move::CutOver).await?;
    let when = if quiet { CutOver::Quiet } else { CutOver::Now };
    steered::cut_over(&mut step, caller, state, when).await?;
    step.close(desk, caller).await
}
