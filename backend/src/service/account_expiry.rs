//! The end of accounts: their owners are told before; then they are locked, and removed after a while. Old passwords end. Each is a ticket in
//! the owner's name, which the approval of the account's end was for. Done by control, where time is seen to.

use super::{
    Failure,
    asking::{AskFiling, alone, file_ask, spec, told},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::ask::Ask;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::Lang,
    wire::{
        account::AccountState,
        entry::{AboutAccount, Event},
        person::Actor,
    },
};
use dbdesk_store::{
    account::{self, AccountRow},
    account_secret, begin, entry, person, service_group, ticket,
};

/// Most that one round sees to.
const BATCH: u32 = 50;

/// What is due of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Warn(u16),
    Lock,
    Drop,
    EndOld,
}

/// Sees to all that is due; gives the tickets whose log grew.
pub async fn see_to(desk: &Desk) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let settings = &desk.config.account;
    let warn = settings.warn_days.iter().copied().max().unwrap_or_default();
    let look = (
        now,
        now + TimeDelta::days(i64::from(warn)),
        now - TimeDelta::days(i64::from(settings.drop_after_days)),
    );
    let mut tickets = Vec::new();
    for row in account::due(&desk.store, look, BATCH).await? {
        let Some(due) = due(desk, &row, now) else { continue };
        match one(desk, &row, due).await {
            Ok(told) => tickets.extend(told),
            Err(error) if error.may_pass() => return Err(error),
            // Another ticket about it is open: it is seen to after that.
            Err(Failure::Refused(_)) => {}
            Err(error) => {
                tracing::error!(account = %row.id, ?error, "an account can not be seen to; it is tried again");
            }
        }
    }
    let lapsed = now - TimeDelta::hours(i64::from(settings.hand_over_hours));
    account_secret::lapse(&desk.store, lapsed, BATCH).await?;
    Ok(tickets)
}

fn due(desk: &Desk, row: &AccountRow, now: Time) -> Option<Due> {
    let settings = &desk.config.account;
    if row.state == AccountState::Active && row.expires_at <= now {
        return Some(Due::Lock);
    }
    if row.old_until.is_some_and(|end| end <= now) {
        return Some(Due::EndOld);
    }
    match row.state {
        AccountState::Locked => {
            let gone = TimeDelta::days(i64::from(settings.drop_after_days));
            row.ended_at.filter(|ended| *ended + gone <= now).map(|_| Due::Drop)
        }
        AccountState::Active => {
            // The nearest mark that is reached; each is told once.
            let reached = |days: &&u16| row.expires_at <= now + TimeDelta::days(i64::from(**days));
            let days = settings.warn_days.iter().filter(reached).min().copied()?;
            row.warned.is_none_or(|told| days < told).then_some(Due::Warn(days))
        }
        AccountState::Asked | AccountState::Dropped => None,
    }
}

async fn one(desk: &Desk, row: &AccountRow, due: Due) -> Result<Vec<TicketId>, Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    if let Due::Warn(days) = due {
        let Some(row) = account::lock(&mut tx, row.id).await?.filter(|locked| locked.version == row.version)
        else {
            return Ok(Vec::new());
        };
        let Some(first) = row.ticket else { return Ok(Vec::new()) };
        let Some(ticket) = ticket::lock(&mut tx, first).await? else { return Ok(Vec::new()) };
        account::warned(&mut tx, row.id, days).await?;
        let event = Event::AccountEnds { at: row.expires_at, days };
        entry::append(&mut tx, &ticket, None, &Actor::Desk, now, &event, None).await?;
        desk.commit(tx).await?;
        desk.changed(first);
        return Ok(vec![first]);
    }
    let row = alone(&mut tx, row.id).await?;
    if self::due(desk, &row, now) != Some(due) {
        return Ok(Vec::new());
    }
    let group = service_group::by_id(&desk.store, row.group).await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("the service group of {} is gone", row.id))?;
    let owner = person::by_id(&desk.store, row.owner).await?;
    let owner = owner.ok_or_else(|| anyhow::anyhow!("the owner of {} is gone", row.id))?;
    let account = spec(&row)?;
    let id = row.id;
    let (ask, what, reason) = match due {
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
        Due::EndOld | Due::Warn(_) => (
            Ask::EndOld { account },
            AboutAccount::EndOld,
            [format!("the old password of {id} ends"), format!("{id} 的旧密码到期")],
        ),
    };
    let first = match row.ticket {
        Some(first) => ticket::get(&desk.store, first).await?,
        None => None,
    };
    let lang = first.map_or(Lang::En, |ticket| ticket.lang);
    let [en, zh] = reason;
    let filing = AskFiling {
        group: &group,
        database: row.database.clone(),
        requester: &owner,
        reason: if lang == Lang::Zh { zh } else { en },
        lang,
        ask: &ask,
        is_free: true,
    };
    let filed = file_ask(desk, &mut tx, filing, now).await?;
    let first = told(&mut tx, &row, (&Actor::Desk, what), filed.id, now).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    let tickets: Vec<TicketId> = first.into_iter().chain([filed.id]).collect();
    for id in &tickets {
        desk.changed(*id);
    }
    Ok(tickets)
}
