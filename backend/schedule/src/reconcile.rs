//! Reconcilers: each looks at the store and makes one thing true that should be. None takes input, each may be called again,
//! at any time, by any number of controls: every step is one guarded change.

use crate::{dispatch::Waiting, redis::Redis, trouble::Trouble};
use chrono::TimeDelta;
use dbdesk_cmdb::label;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    point::{Point, Points},
    when::When,
    wire::{entry::Event, person::Actor, ticket::TicketState, waits::Waits},
};
use dbdesk_store::{
    Error, Pool, approval, backup, calm, confirmation, control, definition, entry, idempotency,
    queue::{self, Held},
    rescue::{self, Late, Rescue},
    silence::{self, Patience},
    task, task_line,
    ticket::{self, TicketChange},
};
use dbdesk_ticket::machine::{self, Move};
use futures_util::StreamExt as _;
use std::{collections::BTreeSet, pin::Pin};

/// Most that one call does; what is left waits for the next.
const BATCH: u32 = 200;
/// Most tasks that are offered again at a time.
const AGAIN: u32 = 1_000;
/// Most held tasks that one look takes in.
const HELD: u32 = 5_000;
/// So far ahead the delayed set looks.
const HORIZON: TimeDelta = TimeDelta::minutes(2);
const DUE_BATCH: u32 = 1_000;
/// An answer to a repeated request is known for so long.
const KEYS_LAST: TimeDelta = TimeDelta::hours(48);

/// **promote**: what waited and is due becomes ready.
pub async fn promote(store: &Pool, now: Time) -> Result<u64, Error> {
    queue::promote(store, now, BATCH).await
}

/// **remember**: writes down in the delayed set what is due soon.
pub async fn remember(store: &Pool, redis: &Redis, now: Time) -> Result<(), Trouble> {
    let soon = queue::due_until(store, now + HORIZON, DUE_BATCH).await?;
    Ok(redis.note_due(&soon, now).await?)
}

/// **rebuild**: a Redis that is empty is told everything again. Gives whether it was.
pub async fn rebuild(store: &Pool, redis: &Redis, now: Time, points: &Points) -> Result<bool, Trouble> {
    if !redis.is_new().await? {
        return Ok(false);
    }
    let offers = queue::forget_all_offers(store).await?;
    points.at(Point::ControlRebuilding);
    tracing::info!(offers, "Redis was empty and is being told again");
    remember(store, redis, now).await?;
    Ok(true)
}

/// What came of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// So many more tasks are on their lists now.
    Made(usize),
    /// Redis is away. These are noted as offered: whoever asked has to see to them.
    Here(Vec<TaskId>),
}

/// **offer**: what is ready and was never offered goes on its list; so does what was offered longer than `again` ago, where that is
/// asked for: whoever took it from there may be gone, or it never got there. What stands there still keeps its place.
pub async fn offer(
    store: &Pool,
    redis: &Redis,
    now: Time,
    again: Option<TimeDelta>,
    points: &Points,
) -> Result<Offer, Error> {
    let mut offers = queue::take_fresh(store, now, BATCH).await?;
    if let Some(again) = again {
        offers.extend(queue::take_again(store, now, now - again, AGAIN).await?);
    }
    if offers.is_empty() {
        return Ok(Offer::Made(0));
    }
    points.at(Point::ControlOffering);
    match redis.offer(&offers).await {
        Ok(made) => {
            points.at(Point::ControlOffered);
            Ok(Offer::Made(made))
        }
        Err(error) => {
            tracing::debug!(%error, "Redis takes no offers; they are handled here");
            Ok(Offer::Here(offers.into_iter().map(|offer| offer.task).collect()))
        }
    }
}

/// Waiting for one's turn is told after so long.
const TURN_TOLD: TimeDelta = TimeDelta::seconds(10);
/// Most that one look tells.
const MOST_TOLD: usize = 50;

/// **waits**: what can not start is told what it waits for. What waits for its turn only is told after a while.
pub async fn waits(store: &Pool, waiting: &[Waiting], now: Time) -> Result<Vec<TicketId>, Error> {
    let long = |due_at: Time, waits: &Waits| !waits.is_a_turn() || due_at + TURN_TOLD <= now;
    let mut told = Vec::new();
    for (task, _, waits) in waiting.iter().filter(|(_, due_at, waits)| long(*due_at, waits)).take(MOST_TOLD) {
        told.extend(dbdesk_store::waits::note(store, *task, waits, now).await?);
    }
    Ok(told)
}

/// **calm**: what runs while its group is closed holds after its statement, and goes on when it opens; what is beyond its window
/// holds until a DBA says what becomes of it.
pub async fn calm(store: &Pool, now: Time) -> Result<Vec<TicketId>, Error> {
    let mut told = Vec::new();
    for turn in calm::turns(store, now).await? {
        told.extend(calm::take(store, &turn, now).await?);
    }
    Ok(told)
}

/// **lapse**: a ticket whose time passed before anybody approved it says so, once.
pub async fn lapse(store: &Pool, now: Time) -> Result<Vec<TicketId>, Error> {
    let mut told = Vec::new();
    for id in queue::with_time_unapproved(store, BATCH).await? {
        let mut tx = dbdesk_store::begin(store).await?;
        let Some(seen) = ticket::lock(&mut tx, id).await? else { continue };
        let at = match seen.now.when {
            When::At(at) | When::Between { to: at, .. } if at < now - LATE => at,
            _ => continue,
        };
        if seen.now.state != TicketState::AwaitingApproval || seen.now.due_at.is_some() {
            continue;
        }
        // That a due time stands there says that it was told.
        let change = TicketChange { due_at: Some(at), ..seen.now.clone() };
        let moved = ticket::move_to(&mut tx, &seen, change, now).await?;
        entry::append(&mut tx, &moved, None, &Actor::Desk, now, &Event::TimePassed { at }, None).await?;
        tx.commit().await?;
        told.push(id);
    }
    Ok(told)
}

/// A time that passed by less still counts: people type whole minutes.
const LATE: TimeDelta = TimeDelta::minutes(1);

/// **unserved**: what no machine can take is told so.
pub async fn unserved(store: &Pool, now: Time) -> Result<Vec<TicketId>, Error> {
    let controls = control::all(store).await?;
    let alive = controls.iter().filter(|row| row.is_alive() && !row.drains);
    let served: BTreeSet<String> = alive.flat_map(|row| label::queues(&row.about.labels)).collect();
    let served: Vec<String> = served.into_iter().collect();
    let mut told = Vec::new();
    for (task, queue) in queue::unserved(store, &served, BATCH).await? {
        let waits = Waits::Machine { labels: label::labels(&queue) };
        told.extend(dbdesk_store::waits::note(store, task, &waits, now).await?);
    }
    Ok(told)
}

/// What rescue needs to know of this machine.
pub struct Machine<'a> {
    /// What it calls itself.
    pub host: &'a str,
    /// Whether the process of this task, which is on this machine, is gone.
    pub gone: &'a (dyn Fn(&Held) -> bool + Sync),
    /// What that process kept of the statement in flight.
    pub known: &'a (dyn Fn(&Held) -> Option<Event> + Sync),
    /// What the target says of the statement in flight: an [`Event::LastSeen`].
    pub seen: &'a Look,
}

/// Asks the target of a vanished process what its connection does now. Bounded in time.
pub type Look = dyn Fn(&Held) -> Pin<Box<dyn Future<Output = Option<Event>> + Send>> + Send + Sync;

/// Targets that are asked at a time.
const LOOKS_AT_ONCE: usize = 32;

/// What rescue found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Ended in place of their processes.
    pub ended: Vec<TicketId>,
    /// Alive on this machine: worth watching.
    pub alive_here: Vec<Held>,
}

/// **rescue**: a task whose process is gone, or whose lease is over, is ended in its place: `lost` with a statement in
/// flight, `failed` between two. `trusts_leases`, asked when the store has answered: no while it was away a moment ago, since
/// then nobody could renew.
pub async fn rescue(
    store: &Pool,
    machine: &Machine<'_>,
    trusts_leases: impl FnOnce() -> bool,
    now: Time,
) -> Result<Rescued, Error> {
    let mut rescued = Rescued::default();
    let mut vanished = Vec::new();
    let all = queue::held(store, machine.host, HELD).await?;
    let trusts_leases = trusts_leases();
    for held in all {
        let here = held.host == machine.host;
        let gone = here && (machine.gone)(&held);
        if gone || held.stale && trusts_leases {
            let known = if here { (machine.known)(&held) } else { None };
            vanished.push((held, gone, known));
        } else if here {
            rescued.alive_here.push(held);
        }
    }
    // The targets are asked side by side: one that does not answer keeps no other waiting.
    let looks = vanished.into_iter().map(|(held, gone, known)| async move {
        let seen = if known.is_none() && held.flying.is_some() { (machine.seen)(&held).await } else { None };
        (held, gone, known, seen)
    });
    let mut looked = futures_util::stream::iter(looks).buffer_unordered(LOOKS_AT_ONCE);
    while let Some((held, gone, known, seen)) = looked.next().await {
        match rescue::rescue(store, &held, gone, (known.as_ref(), seen.as_ref()), now).await {
            Ok(Rescue::Ended(end)) => {
                tracing::warn!(task = %held.task, ticket = %held.ticket, host = held.host, pid = held.pid, gone, ?end,
                    "ended in place of its process");
                rescued.ended.push(held.ticket);
            }
            Ok(Rescue::Alive) => {}
            // One that can not be ended does not keep the others.
            Err(error) => tracing::error!(task = %held.task, %error, "can not be rescued"),
        }
    }
    Ok(rescued)
}

/// **silence**: a process that does not answer, or answers again, is told of, once each time. Gives the tickets.
pub async fn silence(store: &Pool, patience: Patience, now: Time) -> Result<Vec<TicketId>, Error> {
    let mut told = Vec::new();
    for (lease, silent) in silence::changed(store, patience, BATCH).await? {
        if silence::tell(store, &lease, silent, patience, now).await? {
            tracing::warn!(task = %lease.task, ticket = %lease.ticket, silent, "whether its process answers has changed");
            told.push(lease.ticket);
        }
    }
    Ok(told)
}

/// **expire**: an approval that was not used in time is void; its task is dropped and its ticket waits for a DBA again.
pub async fn expire(store: &Pool, now: Time) -> Result<Vec<TicketId>, Error> {
    let mut expired = Vec::new();
    for id in queue::approvals_over(store, now, BATCH).await? {
        if expire_one(store, id, now).await? {
            expired.push(id);
        }
    }
    Ok(expired)
}

async fn expire_one(store: &Pool, id: TicketId, now: Time) -> Result<bool, Error> {
    let mut tx = dbdesk_store::begin(store).await?;
    let Some(seen) = ticket::lock(&mut tx, id).await? else { return Ok(false) };
    let over = seen.now.approval_expires_at.is_some_and(|end| end <= now);
    let (true, Ok(state)) = (over, machine::apply(seen.now.state, Move::ApprovalExpired)) else {
        return Ok(false);
    };
    if let Some(task) = seen.now.task
        && !task::drop_unclaimed(&mut tx, task, now).await?
    {
        return Ok(false);
    }
    let change = TicketChange {
        state,
        due_at: None,
        decided_by: None,
        approved_by_policy: false,
        approved_hash: None,
        approval_expires_at: None,
        task: None,
        ..seen.now.clone()
    };
    let moved = ticket::move_to(&mut tx, &seen, change, now).await?;
    approval::void(&mut tx, id).await?;
    let history = Some((seen.now.state, state));
    entry::append(&mut tx, &moved, seen.now.task, &Actor::Desk, now, &Event::ApprovalExpired, history)
        .await?;
    tx.commit().await?;
    Ok(true)
}

/// **late**: an answer that came after its task was given up as lost is told all the same. The task stays lost.
pub async fn late(
    store: &Pool,
    kept: &[(TaskId, u64, Event)],
    forget: &(dyn Fn(TaskId, u64) + Send + Sync),
    now: Time,
) -> Result<Vec<TicketId>, Error> {
    let mut told = Vec::new();
    for (task, epoch, event) in kept {
        match rescue::late(store, *task, *epoch, event, now).await? {
            Late::NotYet => continue,
            Late::Told => told.extend(task::get(store, *task).await?.map(|row| row.ticket)),
            Late::Useless => {}
        }
        forget(*task, *epoch);
    }
    Ok(told)
}

/// A control that was not seen for so long is forgotten.
const CONTROL_SILENT_MS: u64 = 3_600_000;

/// What processes had to say is known for so long after their end. The log of the ticket stays.
const LINES_LAST: TimeDelta = TimeDelta::days(90);

/// **sweep**: forgets what is of no use any more.
pub async fn sweep(store: &Pool, backups_last: TimeDelta, now: Time) -> Result<(), Error> {
    while backup::forget(store, now - backups_last, BATCH).await? == u64::from(BATCH) {}
    while definition::forget(store, now - backups_last, BATCH).await? == u64::from(BATCH) {}
    let mut after = TaskId(0);
    while let Some(last) = task_line::forget(store, after, now - LINES_LAST).await? {
        after = last;
    }
    while confirmation::forget(store, now - KEYS_LAST, BATCH).await? == u64::from(BATCH) {}
    while idempotency::purge(store, now - KEYS_LAST).await? == 1_000 {}
    control::sweep(store, CONTROL_SILENT_MS).await?;
    Ok(())
}
