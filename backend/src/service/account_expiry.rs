//! The end of accounts: their owners are told before; then they are locked, and removed after a while. Old passwords end. Each is a ticket in
//! the desk's name, which nobody need approve: the approval of the account was for its end, too. Done by control, where time is seen to.

use super::{
    Failure,
    account_there::{About, file_about, spec, take_back},
    ticket_collect,
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::ask::Ask;
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, TicketId},
    lang::Lang,
    wire::{
        account::AccountState,
        entry::{AboutAccount, Event},
        person::Actor,
        ticket::TicketState,
    },
};
use dbdesk_store::{
    account::{self, AccountRow},
    account_secret, begin, entry,
    person::{self, Person},
    service_group, ticket,
};

/// Most that one round sees to.
const BATCH: u32 = 50;

/// What is due of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Lock,
    Drop,
    EndOld,
}

/// Sees to all that is due; gives the tickets whose log grew.
pub async fn see_to(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let settings = &desk.config.account;
    let marks: Vec<(u16, Time)> =
        settings.warn_days.iter().map(|days| (*days, now + TimeDelta::days(i64::from(*days)))).collect();
    let drop_before = now - TimeDelta::days(i64::from(settings.drop_after_days));
    let mut tickets = Vec::new();
    for row in account::unwarned(&desk.store, now, &marks, BATCH).await? {
        match warn(desk, &row).await {
            Ok(told) => tickets.extend(told),
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                tracing::error!(account = %row.id, ?error, "nobody can be told of an account's end; it is tried again");
            }
        }
    }
    for row in account::due(&desk.store, (now, drop_before), BATCH).await? {
        match end(desk, &row).await {
            Ok(told) => tickets.extend(told),
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => {
                tracing::error!(account = %row.id, ?error, "an account can not be seen to; it is tried again later");
                account::look_later(&desk.store, row.id, next_look(&row, now)).await?;
            }
        }
    }
    let lapsed = now - TimeDelta::hours(i64::from(settings.hand_over_hours));
    let lost = account_secret::lapsing(&desk.store, lapsed, BATCH).await?;
    account_secret::lapse(&desk.store, lapsed, BATCH).await?;
    for of in lost {
        tickets.extend(tell_lapsed(desk, of).await?);
    }
    Ok(tickets)
}

/// The thread says that a password is kept no more, and the card loses its button.
async fn tell_lapsed(
    desk: &Desk,
    (account, generation): (AccountId, u32),
) -> Result<Option<TicketId>, Failure> {
    for id in ticket::of_account(&desk.store, account).await? {
        let Some(row) = ticket::get(&desk.store, id).await? else { continue };
        let made = ticket_collect::asked(&desk.store, &row).await?.and_then(|ask| ask.makes());
        if row.now.state != TicketState::Done || made != Some(generation) {
            continue;
        }
        let mut tx = begin(&desk.store).await?;
        let Some(row) = ticket::lock(&mut tx, id).await? else { return Ok(None) };
        let at = desk.clock.now();
        entry::append(&mut tx, &row, None, &Actor::Desk, at, &Event::PasswordLapsed, None).await?;
        desk.commit(tx).await?;
        desk.changed(id);
        return Ok(Some(id));
    }
    Ok(None)
}

/// When what is due is filed again, should this ticket come to nothing: after ten minutes, then twice as long each time, up to a day. An end that
/// is still to come does not wait for it.
fn next_look(row: &AccountRow, now: Time) -> Time {
    let minutes = (10_i64 << row.looks.min(8)).min(24 * 60);
    let next = now + TimeDelta::minutes(minutes);
    if row.state == AccountState::Active && row.expires_at > now { next.min(row.expires_at) } else { next }
}

fn due(desk: &Desk, row: &AccountRow, now: Time) -> Option<Due> {
    let gone = TimeDelta::days(i64::from(desk.config.account.drop_after_days));
    match row.state {
        AccountState::Active if row.expires_at <= now => Some(Due::Lock),
        AccountState::Active | AccountState::Locked if row.old_until.is_some_and(|end| end <= now) => {
            Some(Due::EndOld)
        }
        AccountState::Locked => row.ended_at.filter(|ended| *ended + gone <= now).map(|_| Due::Drop),
        AccountState::Active | AccountState::Asked | AccountState::Dropped => None,
    }
}

/// The nearest mark that is reached, in days before the end; each is told once.
fn mark(desk: &Desk, row: &AccountRow, now: Time) -> Option<u16> {
    if row.state != AccountState::Active || row.expires_at <= now {
        return None;
    }
    let reached = |days: &&u16| row.expires_at <= now + TimeDelta::days(i64::from(**days));
    let days = desk.config.account.warn_days.iter().filter(reached).min().copied()?;
    row.warned.is_none_or(|told| days < told).then_some(days)
}

async fn end(desk: &Desk, seen: &AccountRow) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    let locked = account::lock(&mut tx, seen.id).await?;
    // Else somebody was faster.
    let locked = locked.filter(|row| (row.version, row.looks) == (seen.version, seen.looks));
    let Some(row) = locked else { return Ok(Vec::new()) };
    let Some(due) = due(desk, &row, now) else { return Ok(Vec::new()) };
    // What waits for somebody's approval does not put it off.
    if account::is_worked_on(&mut tx, row.id).await? {
        return Ok(Vec::new());
    }
    take_back(&mut tx, row.id, now).await?;
    account::look_later(&mut *tx, row.id, next_look(&row, now)).await?;
    let group = service_group::by_id(&desk.store, row.group).await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("the service group of {} is gone", row.id))?;
    // In the desk's own name: its owner could withdraw his. His team sees it, as it sees the account.
    let desk_itself = Person { team: row.team.clone(), ..person::the_desk(&mut tx, now).await? };
    let (ask, what, [en, zh]) = asked(&row, due)?;
    let first = match row.ticket {
        Some(first) => ticket::get(&desk.store, first).await?,
        None => None,
    };
    let lang = first.map_or(Lang::En, |ticket| ticket.lang);
    let reason = if lang == Lang::Zh { zh } else { en };
    let about = About { group: &group, row: &row, ask, what, reason, is_free: true };
    file_about(desk, tx, None, (&desk_itself, &Actor::Desk, lang), (about, now)).await
}

/// What is asked for, and why.
fn asked(row: &AccountRow, due: Due) -> Result<(Ask, AboutAccount, [String; 2]), Failure> {
    let (id, account) = (row.id, spec(row)?);
    Ok(match due {
        Due::Lock => (
            Ask::Lock { account },
            AboutAccount::Lock,
            [format!("the time of {id} is over"), format!("{id} 已到期")],
        ),
        Due::Drop => (
            Ask::Drop { account },
            AboutAccount::Drop,
            [format!("{id} was locked and nobody missed it"), format!("{id} 已锁定且无人续期")],
        ),
        Due::EndOld => (
            Ask::EndOld { account },
            AboutAccount::EndOld,
            [format!("the old password of {id} ends"), format!("{id} 的旧密码到期")],
        ),
    })
}

/// Its owner is told, in the thread of the ticket that made it.
async fn warn(desk: &Desk, seen: &AccountRow) -> Result<Option<TicketId>, Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    let Some(row) = account::lock(&mut tx, seen.id).await? else { return Ok(None) };
    let Some(days) = mark(desk, &row, now) else { return Ok(None) };
    account::warned(&mut tx, row.id, days).await?;
    let first = match row.ticket {
        Some(first) => ticket::lock(&mut tx, first).await?,
        None => None,
    };
    if let Some(ticket) = &first {
        let event = Event::AccountEnds { at: row.expires_at, days };
        entry::append(&mut tx, ticket, None, &Actor::Desk, now, &event, None).await?;
    }
    desk.commit(tx).await?;
    let told = first.map(|ticket| ticket.id);
    if let Some(id) = told {
        desk.changed(id);
    }
    Ok(told)
}
