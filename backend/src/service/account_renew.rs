//! An account lives on: a ticket, approved as policy wants it.

use super::{
    Caller, Failure, Once,
    asking::{
        AskFiling, alone, can_grant, file_ask, is_dba, only_owner, seen, spec, told, until, wrong_state,
    },
    content, view,
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_account::ask::Ask;
use dbdesk_commands::{
    id::AccountId,
    lang::Lang,
    wire::{
        account::{AccountRenew, AccountState},
        entry::AboutAccount,
        ticket::TicketView,
    },
};

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
    let reason = match body.reason.as_deref() {
        Some(reason) => content::reason(reason)?,
        None => match caller.lang {
            Lang::En => format!("{id} is still needed"),
            Lang::Zh => format!("{id} 仍需使用"),
        },
    };
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = alone(&mut tx, id, now).await?;
    if !matches!(row.state, AccountState::Active | AccountState::Locked) {
        return Err(wrong_state(&row).into());
    }
    let ask = Ask::Renew { account: spec(&row)?, until };
    let filing = AskFiling {
        group: &group,
        database: row.database.clone(),
        requester: &caller.person,
        reason,
        lang: caller.lang,
        ask: &ask,
        is_free: false,
    };
    let filed = file_ask(desk, &mut tx, filing, now).await?;
    let first = told(&mut tx, &row, (&caller.actor(), AboutAccount::Renew), filed.id, now).await?;
    once.about(&mut tx, filed.id).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    first.into_iter().chain([filed.id]).for_each(|id| desk.changed(id));
    view::ticket(desk, filed.id, caller.lang).await
}
