//! A DBA keeps the copy of a table from taking the table's place when it is complete.

use super::{Caller, Failure, Once, steered, step};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        cut_over::CutOver,
        ticket::{TicketVerb, TicketView},
    },
};
use dbdesk_ticket::machine::Move;

/// Holds it: before the ticket starts, while rows are copied, or while it waits for a window. It is of the task at hand only: a new
/// try goes by the configuration.
pub async fn hold_cut_over(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::HoldCutOver).await?;
    let state = step.next(Move::HoldCutOver).await?;
    steered::cut_over(&mut step, caller, state, CutOver::Hold).await?;
    step.close(desk, caller).await
}
