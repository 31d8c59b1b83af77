//! Reconcilers: each looks at the store and makes one thing true that should be. None takes input, each may be called again,
//! at any time, by any number of controls: every step is one guarded change.

use crate::{redis::Redis, trouble::Trouble};
use chrono::TimeDelta;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::{entry::Event, person::Actor},
};
use dbdesk_store::{
    Error, Pool, entry, idempotency,
    queue::{self, Held},
    rescue::{self, Late, Rescue},
    task,
    ticket::{self, TicketChange},
};
use dbdesk_ticket::machine::{self, Move};

/// Most that one call does; what is left waits for the next.
const BATCH: u32 = 200;
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
pub async fn rebuild(store: &Pool, redis: &Redis, now: Time) -> Result<bool, Trouble> {
    if !redis.is_new().await? {
        return Ok(false);
    }
    let offers = queue::forget_all_offers(store).await?;
    tracing::info!(offers, "Redis was empty and is being told again");
    remember(store, redis, now).await?;
    Ok(true)
}

/// What came of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offer {
    /// So many tasks are on the stream.
    Made(usize),
    /// Redis is away. These are noted as offered: whoever asked has to see to them.
    Here(Vec<TaskId>),
}

/// **offer**: what is ready, and was never offered or longer than `again` ago, goes on the stream.
pub async fn offer(store: &Pool, redis: &Redis, now: Time, again: TimeDelta) -> Result<Offer, Error> {
    let tasks = queue::take_for_offer(store, now, now - again, BATCH).await?;
    if tasks.is_empty() {
        return Ok(Offer::Made(0));
    }
    match redis.offer(&tasks).await {
        Ok(()) => Ok(Offer::Made(tasks.len())),
        Err(error) => {
            tracing::debug!(%error, "Redis takes no offers; they are handled here");
            Ok(Offer::Here(tasks))
        }
    }
}

/// What rescue needs to know of this machine.
pub struct Machine<'a> {
    /// What it calls itself.
    pub host: &'a str,
    /// Whether the process of this task, which is on this machine, is gone.
    pub gone: &'a (dyn Fn(&Held) -> bool + Sync),
    /// What that process kept of the statement in flight.
    pub known: &'a (dyn Fn(&Held) -> Option<Event> + Sync),
}

/// What rescue found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Ended in place of their processes.
    pub ended: Vec<TicketId>,
    /// Alive on this machine: worth watching.
    pub alive_here: Vec<Held>,
}

/// **rescue**: a task whose process is gone, or whose lease is over, is ended in its place: `lost` with a statement in
/// flight, `failed` between two. `trust_leases`: no while the store was away a moment ago, since then nobody could renew.
pub async fn rescue(
    store: &Pool,
    machine: &Machine<'_>,
    trust_leases: bool,
    now: Time,
) -> Result<Rescued, Error> {
    let mut rescued = Rescued::default();
    for held in queue::held(store, machine.host, HELD).await? {
        let here = held.host == machine.host;
        let gone = here && (machine.gone)(&held);
        let over = held.stale && trust_leases;
        if !gone && !over {
            if here {
                rescued.alive_here.push(held);
            }
            continue;
        }
        let known = if here { (machine.known)(&held) } else { None };
        match rescue::rescue(store, &held, gone, known.as_ref(), now).await {
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

/// **sweep**: forgets what is of no use any more.
pub async fn sweep(store: &Pool, redis: &Redis, now: Time) -> Result<(), Trouble> {
    while idempotency::purge(store, now - KEYS_LAST).await? == 1_000 {}
    Ok(redis.sweep().await?)
}
