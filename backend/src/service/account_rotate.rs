//! An account gets another password; the one before goes on for a while.

use super::{
    Caller, Failure, Once,
    account_request::keep_hash,
    account_there::{About, alone, file_for, only_owner, reason, seen, spec, wrong_state},
    asking::{can_grant, dialect},
    refuse::invalid_whole,
};
use crate::desk::Desk;
use dbdesk_account::{ask::Ask, given};
use dbdesk_commands::{
    id::AccountId,
    lang::said,
    wire::{
        account::{AccountRotate, AccountState},
        entry::AboutAccount,
        problem::{Code, Refusal},
        ticket::TicketView,
    },
};

/// Files it. Nobody is needed: it gives nothing that was not given before.
pub async fn rotate(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: AccountId,
    body: AccountRotate,
) -> Result<TicketView, Failure> {
    let (row, group) = seen(desk, caller, id).await?;
    if row.owner != caller.person.id {
        return Err(only_owner(id, false).into());
    }
    can_grant(desk, &group.group)?;
    let hash = body.hash.as_deref().map(str::trim).filter(|hash| !hash.is_empty());
    if let Some(hash) = hash {
        given::parse(hash, dialect(&group.group)?).map_err(|said| invalid_whole(&said))?;
    }
    let usual = said!("another password for {id}", "更换 {id} 的密码");
    let reason = reason(body.reason.as_deref(), caller.lang, &usual)?;
    let now = desk.clock.now();
    let mut tx = caller.begin(desk).await?;
    once.claim(&mut tx, 201, now).await?;
    let row = alone(&mut tx, id, now).await?;
    if row.state != AccountState::Active {
        return Err(wrong_state(&row).into());
    }
    if row.old_until.is_some() {
        return Err(old_lives(id).into());
    }
    let mut account = spec(&row)?;
    account.generation += 1;
    if let Some(hash) = hash {
        keep_hash(desk, &mut tx, (id, account.generation), hash, now).await?;
    }
    let ask = Ask::Rotate { account, grace_hours: desk.config.account.grace_hours, given: hash.is_some() };
    let about = About { group: &group, row: &row, ask, what: AboutAccount::Rotate, reason, is_free: true };
    file_for(desk, caller, once, tx, (about, now)).await
}

fn old_lives(id: AccountId) -> Refusal {
    Refusal::new(
        Code::WrongState,
        said!(
            "The password of {id} before the last one still goes on. Wait for its end: a third one would end it at once.",
            "{id} 的上一个密码仍在有效期内，再次更换会立即使它失效。请等它到期。"
        ),
    )
}
