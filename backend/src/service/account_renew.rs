//! An account lives on: a ticket, approved as policy wants it.

use super::{
    Caller, Failure, Once,
    account_there::{About, alone, file_for, is_dba, only_owner, reason, seen, spec, wrong_state},
    asking::{can_grant, until},
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::ask::{Ask, Revoked};
use dbdesk_commands::{
    id::AccountId,
    lang::said,
    wire::{
        account::{AccountRenew, AccountState},
        entry::AboutAccount,
        ticket::TicketView,
    },
};
use dbdesk_store::{account, person};

/// Files it.
pub async fn renew(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: AccountId,
    body: AccountRenew,
) -> Result<TicketView, Failure> {
    let (row, group) = seen(desk, caller, id).await?;
    if row.owner != caller.person.id && !is_dba(desk, caller, &group.group) {
        return Err(only_owner(id, true).into());
    }
    can_grant(desk, &group.group)?;
    let now = desk.clock.now();
    let until = if let Some(text) = body.until.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        until(desk, text, &group.group, now)?
    } else {
        // As long again as it was asked for at first, and never beyond what is allowed.
        let most = TimeDelta::days(i64::from(desk.config.account.most_days));
        now + TimeDelta::seconds(i64::from(row.granted_s)).clamp(TimeDelta::days(1), most)
    };
    let usual = said!("{id} is still needed", "{id} 仍需使用");
    let reason = reason(body.reason.as_deref(), caller.lang, &usual)?;
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = alone(&mut tx, id, now).await?;
    if !matches!(row.state, AccountState::Active | AccountState::Locked) {
        return Err(wrong_state(&row).into());
    }
    let ended = account::revoked(&desk.store, &[id]).await?.remove(&id);
    let revoked = match ended.zip(row.ended_at) {
        Some(((ticket, by), at)) => {
            let by = person::by_id(&mut *tx, by).await?.map_or_else(|| by.to_string(), |by| by.name);
            Some(Revoked { ticket, by, at })
        }
        None => None,
    };
    let ask = Ask::Renew { account: spec(&row)?, until, revoked };
    let about = About { group: &group, row: &row, ask, what: AboutAccount::Renew, reason, is_free: false };
    file_for(desk, caller, once, tx, (about, now)).await
}
