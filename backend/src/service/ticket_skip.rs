//! A DBA says that the statement ran in which a ticket was lost: it goes on after it, or is done.

use super::{
    Caller, Failure, Once,
    again::{self, Again, Last},
    refuse, step,
    ticket_approve::confirmed,
};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TicketId,
    wire::{
        entry::Event,
        person::Actor,
        ticket::{TicketConfirm, TicketVerb, TicketView},
    },
};
use dbdesk_store::{
    chunk, entry, passed_over,
    run::Lease,
    task::{self, Settled},
    ticket::TicketChange,
};
use dbdesk_ticket::machine::Move;

/// Notes that it ran, and makes the task that goes on after it.
pub async fn skip(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: TicketId,
    body: TicketConfirm,
) -> Result<TicketView, Failure> {
    let mut step = step::open(desk, caller, once, id, TicketVerb::Skip).await?;
    step.next(Move::Skip).await?;
    let last = again::last(&mut step, &body).await?;
    let emergency = step.emergency_or_anothers(caller).await?;
    let before = &last.row;
    // The answer may have come late: then all that is left is to say so.
    let index = match before.in_flight {
        Some(index) => index,
        None if before.is_through() && before.lane_of.is_none() => before.total.saturating_sub(1),
        None => return Err(refuse::known_by_now(id, before.done).into()),
    };
    let lease = Lease { task: before.id, ticket: id, epoch: before.epoch };
    let chunk = before.in_flight.is_some() && chunk::newest(&mut *step.tx, &lease, index).await?.is_some();
    if chunk {
        chunk::ran(&mut *step.tx, before.id, index).await?;
    }
    let settled = if chunk { Settled::ChunkRan } else { Settled::Ran };
    // What is made in chunks goes on behind the one that ran.
    let (total, from) = (before.total, if chunk { index } else { index + 1 });
    let (by, others) = (caller.actor(), last.others);
    let event = Event::Skipped { by, index, total, chunk, others, emergency };
    if last.others {
        return again::one_of_several(desk, caller, step, (last, settled), (event, &body)).await;
    }
    let Last { row: before, name, .. } = last;
    if passed_over::left(&mut *step.tx, &before, from).await?.first < total {
        let state = step.next(Move::Skip).await?;
        task::settle(&mut step.tx, before.id, settled).await?;
        again::go_on(desk, caller, &mut step, Again { state, before, name, from, event }, &body).await?;
        return step.close(desk, caller).await;
    }
    let state = step.next(Move::SkipLast).await?;
    confirmed(&mut step, &body, &name).await?;
    task::settle(&mut step.tx, before.id, settled).await?;
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(before.id), &event).await?;
    let event = Event::Ended { state, done: total, total, cause: None };
    entry::append(&mut step.tx, &step.row, Some(before.id), &Actor::Desk, step.now, &event, None).await?;
    step.close(desk, caller).await
}
