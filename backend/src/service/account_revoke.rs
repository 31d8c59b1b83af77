//! An account ends: locked at once, with its sessions, and removed after a while.

use super::{
    Caller, Failure, Once,
    asking::{AskFiling, alone, can_grant, file_ask, is_dba, only_owner, seen, spec, told, wrong_state},
    content, view,
};
use crate::desk::Desk;
use dbdesk_account::ask::Ask;
use dbdesk_commands::{
    id::AccountId,
    lang::Lang,
    wire::{
        account::{AccountRevoke, AccountState},
        entry::AboutAccount,
        ticket::TicketView,
    },
};

/// Files it. Nobody is needed: it only takes away.
pub async fn revoke(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: AccountId,
    body: AccountRevoke,
) -> Result<TicketView, Failure> {
    let (row, group) = seen(desk, caller, id).await?;
    if row.owner != caller.person.id && !is_dba(desk, caller, &group.group) {
        return Err(only_owner(id, true).into());
    }
    can_grant(desk, &group.group)?;
    let reason = match body.reason.as_deref() {
        Some(reason) => content::reason(reason)?,
        None => match caller.lang {
            Lang::En => format!("{id} is not needed any more"),
            Lang::Zh => format!("{id} 不再需要"),
        },
    };
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = alone(&mut tx, id, now).await?;
    if row.state != AccountState::Active {
        return Err(wrong_state(&row).into());
    }
    let ask = Ask::Lock { account: spec(&row)? };
    let filing = AskFiling {
        group: &group,
        database: row.database.clone(),
        requester: &caller.person,
        reason,
        lang: caller.lang,
        ask: &ask,
        is_free: true,
    };
    let filed = file_ask(desk, &mut tx, filing, now).await?;
    let first = told(&mut tx, &row, (&caller.actor(), AboutAccount::Lock), filed.id, now).await?;
    once.about(&mut tx, filed.id).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    first.into_iter().chain([filed.id]).for_each(|id| desk.changed(id));
    view::ticket(desk, filed.id, caller.lang).await
}
