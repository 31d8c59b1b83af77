//! An account ends: locked at once, with its sessions, and removed after a while.

use super::{
    Caller, Failure, Once,
    account_there::{About, alone, file_for, is_dba, only_owner, reason, seen, spec, wrong_state},
    asking::can_grant,
};
use crate::desk::Desk;
use dbdesk_account::ask::Ask;
use dbdesk_commands::{
    id::AccountId,
    lang::said,
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
    let usual = said!("{id} is not needed any more", "{id} 不再需要");
    let reason = reason(body.reason.as_deref(), caller.lang, &usual)?;
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = alone(&mut tx, id, now).await?;
    if row.state != AccountState::Active {
        return Err(wrong_state(&row).into());
    }
    let ask = Ask::Lock { account: spec(&row)? };
    let about = About { group: &group, row: &row, ask, what: AboutAccount::Lock, reason, is_free: true };
    file_for(desk, caller, once, tx, (about, now)).await
}
