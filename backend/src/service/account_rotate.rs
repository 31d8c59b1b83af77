//! An account gets another password; the one before goes on for a while.

use super::{
    Caller, Failure, Once,
    account_request::keep_hash,
    asking::{AskFiling, alone, can_grant, dialect, file_ask, only_owner, seen, spec, told, wrong_state},
    content,
    refuse::invalid,
    view,
};
use crate::desk::Desk;
use dbdesk_account::{ask::Ask, given};
use dbdesk_commands::{
    id::AccountId,
    lang::{Lang, said},
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
        given::parse(hash, dialect(&group.group)?).map_err(invalid)?;
    }
    let reason = match body.reason.as_deref() {
        Some(reason) => content::reason(reason)?,
        None => match caller.lang {
            Lang::En => format!("another password for {id}"),
            Lang::Zh => format!("更换 {id} 的密码"),
        },
    };
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
    let first = told(&mut tx, &row, (&caller.actor(), AboutAccount::Rotate), filed.id, now).await?;
    once.about(&mut tx, filed.id).await?;
    desk.commit(tx).await?;
    desk.offer(&filed, now).await;
    first.into_iter().chain([filed.id]).for_each(|id| desk.changed(id));
    view::ticket(desk, filed.id, caller.lang).await
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
