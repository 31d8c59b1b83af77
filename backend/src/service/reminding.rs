//! Tickets that wait for an approval: those who can give it now are called, and reminded ever more rarely; approvals that were not completed
//! in time lapse. Done by control, where time is seen to.

use super::{
    Failure,
    standing::steps_of,
    steps::{can_act, counted, lapse},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    wire::{entry::Event, person::Actor, ticket::TicketState},
};
use dbdesk_store::{
    approval, begin, entry, person, service_group,
    ticket::{self, TicketRow},
};
use dbdesk_ticket::{approval::open, people::DBA};

/// Most that one round looks at.
const BATCH: u32 = 50;

/// Where more people can act than this, nobody is called by name.
const NAMED: usize = 20;

/// Calls and reminds whoever is due; gives the tickets whose log grew.
pub async fn remind(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let mut told = Vec::new();
    let most = desk.config.policy.reminders;
    for id in ticket::to_remind(&desk.store, desk.clock.now(), most, BATCH).await? {
        match remind_one(desk, id).await {
            Ok(true) => told.push(id),
            Ok(false) => {}
            Err(error) if error.may_pass() => return Err(error),
            // One that can not be told does not keep the others.
            Err(error) => {
                tracing::error!(ticket = %id, ?error, "nobody could be reminded of it; it is tried again");
            }
        }
    }
    Ok(told)
}

async fn remind_one(desk: &Desk, id: TicketId) -> Result<bool, Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    let Some((row, reminders, remind_at)) = ticket::lock_to_remind(&mut tx, id).await? else {
        return Ok(false);
    };
    if row.now.state != TicketState::AwaitingApproval || remind_at.is_some_and(|at| at > now) {
        return Ok(false);
    }
    let first = remind_at.is_none();
    let nth = if first { 0 } else { reminders.saturating_add(1) };
    let event = calling(desk, &row, nth, now).await?;
    ticket::reminded(&mut tx, id, nth, next(desk, now, nth)).await?;
    if let Some(event) = &event {
        entry::append(&mut tx, &row, None, &Actor::Desk, now, event, None).await?;
    }
    desk.commit(tx).await?;
    if event.is_some() {
        desk.changed(id);
    }
    Ok(event.is_some())
}

/// After the reminder `nth`, 0 for the first call, the next one comes after twice as long as before it.
fn next(desk: &Desk, now: Time, nth: u8) -> Time {
    let first = TimeDelta::minutes(i64::from(desk.config.policy.remind_minutes));
    first
        .checked_mul(1 << nth.min(20))
        .and_then(|wait| now.checked_add_signed(wait))
        .unwrap_or(now + TimeDelta::days(365))
}

/// Who is called. When it begins to wait every DBA is called by its card already.
async fn calling(desk: &Desk, row: &TicketRow, nth: u8, now: Time) -> Result<Option<Event>, Failure> {
    let of = (row.id, row.now.revision);
    let group = service_group::by_id(&desk.store, row.group).await?;
    let Some(group) = group.map(|row| row.group) else { return Ok(None) };
    let steps = steps_of(&approval::steps(&desk.store, of).await?);
    let given = counted(&approval::given(&desk.store, of, lapse(&desk.config.policy, now)).await?);
    let Some(open) = open(&steps, &given) else { return Ok(None) };
    let Some(step) = steps.get(usize::from(open.step)) else { return Ok(None) };
    if nth == 0 && step.from == DBA && group.dbas.is_none() && given.is_empty() {
        return Ok(None);
    }
    let from = (&desk.store, &desk.config.policy);
    let mut people = can_act(from, (&steps, &given), (&group, row.requester), now).await?;
    if people.len() > NAMED {
        people.clear();
    }
    Ok(Some(Event::Reminded {
        from: step.from.clone(),
        missing: open.missing,
        people: people.iter().map(person::Person::view).collect(),
        nth,
    }))
}

/// Takes approvals back that are too old to count while others are missing; gives the tickets whose log grew.
pub async fn lapse_old(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let since = lapse(&desk.config.policy, desk.clock.now());
    let mut told = Vec::new();
    for id in approval::lapsed(&desk.store, since, BATCH).await? {
        let now = desk.clock.now();
        let mut tx = begin(&desk.store).await?;
        let Some(row) = ticket::lock(&mut tx, id).await? else { continue };
        if row.now.state != TicketState::AwaitingApproval {
            continue;
        }
        let people = approval::lapse(&mut tx, (id, row.now.revision), since).await?;
        for by in people {
            let Some(person) = person::by_id(&mut *tx, by).await? else { continue };
            let event = Event::ApprovalLapsed { by: person.view() };
            entry::append(&mut tx, &row, None, &Actor::Desk, now, &event, None).await?;
        }
        ticket::remind_anew(&mut tx, id).await?;
        desk.commit(tx).await?;
        desk.changed(id);
        told.push(id);
    }
    Ok(told)
}
