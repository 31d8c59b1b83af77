//! What a token may be used for, and what it reaches. It says nothing of the person: what he may is asked after this.

use super::{
    Failure, account_there, button_ask, emergency_off, freeze_off, refuse, restore_file,
    reviewing::any_group, schedule_step, task_show,
};
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::{
    id::{AccountId, ButtonId, EmergencyId, FreezeId, RestoreId, ScheduleId, TaskId, TicketId},
    lang::said,
    wire::{
        problem::{Code, Refusal},
        ticket::TicketVerb,
        token::{May, words},
    },
};
use dbdesk_store::{button as buttons, emergency as emergencies, token::Token, within};

/// What a token must be for to do this to a ticket. Trying again and skipping decide: they approve what runs then.
#[must_use]
pub fn of_verb(verb: TicketVerb) -> May {
    match verb {
        TicketVerb::Amend
        | TicketVerb::Fix
        | TicketVerb::SendToDba
        | TicketVerb::Withdraw
        | TicketVerb::Undo => May::File,
        TicketVerb::Approve | TicketVerb::Reject | TicketVerb::Retry | TicketVerb::Skip => May::Decide,
        TicketVerb::Collect | TicketVerb::Renew => May::Account,
        TicketVerb::Run
        | TicketVerb::Pause
        | TicketVerb::Resume
        | TicketVerb::Cancel
        | TicketVerb::Throttle
        | TicketVerb::HoldCutOver
        | TicketVerb::CutOver
        | TicketVerb::Prioritise => May::Steer,
    }
}

/// Whether the token is for this.
pub(crate) fn holds(token: &Token, wanted: May) -> Result<(), Refusal> {
    let may = &token.what.may;
    if may.contains(&wanted) {
        return Ok(());
    }
    let (wanted, has) = (wanted.word(), words(may));
    let mut more = may.clone();
    more.extend(May::of_word(wanted));
    let all = words(&more);
    Err(Refusal::new(
        Code::Forbidden,
        said!(
            "Your token is not for this: it lacks the scope `{wanted}` (it has {has}). Use another, or have one made with \
             `dbdesk token create --may {all}`.",
            "你的令牌不能用于此操作：缺少范围 `{wanted}`（现有 {has}）。请换一个令牌，或用 `dbdesk token create --may {all}` 创建新的。"
        ),
    ))
}

pub(crate) async fn group(desk: &Desk, reach: &Within, name: &str) -> Result<(), Failure> {
    any_group(desk, reach, name).await.map(drop)
}

pub(crate) async fn ticket(desk: &Desk, reach: &Within, id: TicketId) -> Result<(), Failure> {
    found(within::ticket(&desk.store, id, reach).await?, || refuse::no_ticket(id))
}

pub(crate) async fn task(desk: &Desk, reach: &Within, id: TaskId) -> Result<(), Failure> {
    found(within::task(&desk.store, id, reach).await?, || task_show::no_task(id))
}

pub(crate) async fn schedule(desk: &Desk, reach: &Within, id: ScheduleId) -> Result<(), Failure> {
    found(within::schedule(&desk.store, id, reach).await?, || schedule_step::no_schedule(id))
}

pub(crate) async fn account(desk: &Desk, reach: &Within, id: AccountId) -> Result<(), Failure> {
    found(within::account(&desk.store, id, reach).await?, || account_there::no_account(id))
}

pub(crate) async fn freeze(desk: &Desk, reach: &Within, id: FreezeId) -> Result<(), Failure> {
    found(within::freeze(&desk.store, id, reach).await?, || freeze_off::no_freeze(id))
}

pub(crate) async fn restore(desk: &Desk, reach: &Within, id: RestoreId) -> Result<(), Failure> {
    found(within::restore(&desk.store, id, reach).await?, || restore_file::gone(id))
}

pub(crate) async fn emergency(desk: &Desk, reach: &Within, id: EmergencyId) -> Result<(), Failure> {
    let group = emergencies::group(&desk.store, id).await?;
    found(group.is_some_and(|group| reach.has(group)), || emergency_off::no_emergency(id))
}

/// What lies in no service group: the person is asked for what he may.
pub(crate) async fn everybody<T>(_desk: &Desk, _reach: &Within, _id: T) -> Result<(), Failure> {
    Ok(())
}

/// A button is reached where its ticket is, and needs what its verb needs.
pub(crate) async fn button(desk: &Desk, token: &Token, id: &ButtonId) -> Result<(), Failure> {
    let button = buttons::get(&desk.store, id).await?.ok_or_else(button_ask::unknown)?;
    let reached = within::ticket(&desk.store, button.ticket, &token.what.within).await?;
    found(reached, button_ask::unknown)?;
    Ok(holds(token, of_verb(button.verb))?)
}

fn found(is_reached: bool, unknown: impl FnOnce() -> Refusal) -> Result<(), Failure> {
    if is_reached { Ok(()) } else { Err(unknown().into()) }
}
