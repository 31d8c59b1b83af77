//! A DBA has a failed, cancelled or lost ticket tried again, from the statement that failed or was next.

use super::{
    Caller, Failure, Once,
    again::{self, Again, Last},
    refuse, step,
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        ticket::{TicketConfirm, TicketVerb, TicketView},
    },
};
use dbdesk_store::{passed_over, service_group, task::Settled};
use dbdesk_ticket::machine::Move;

/// Makes the task that tries again. His press is its approval.
pub async fn retry(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketConfirm,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Retry).await?;
    if service_group::is_gone(&mut *step.tx, step.row.group).await? {
        return Err(refuse::let_go(id).into());
    }
    let (was, state) = (step.row.now.state, step.next(Move::Retry).await?);
    let last = again::last(&mut step, &body).await?;
    let emergency = step.emergency_or_anothers(caller).await?;
    let (total, in_flight) = (last.row.total, last.row.in_flight);
    if let Some(index) = in_flight.filter(|_| last.others) {
        let event = Event::NotRan { by: caller.actor(), index, total };
        return again::one_of_several(desk, caller, step, (last, Settled::NotRan), (event, &body)).await;
    }
    let Last { row: before, name, .. } = last;
    let from = before.done;
    let first = passed_over::left(&mut *step.tx, &before, from).await?.first;
    if first == total {
        return Err(refuse::known_to_have_run(id).into());
    }
    let (index, attempt) = (in_flight.unwrap_or(first), before.attempt + 1);
    let event = Event::Retried { by: caller.actor(), was, index, total, attempt, emergency };
    again::go_on(desk, caller, &mut step, Again { state, before, name, from, event }, &body).await?;
    step.close(desk, caller).await
}
