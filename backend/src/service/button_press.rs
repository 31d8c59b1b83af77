//! A button is pressed: what it does was kept when its card was made, and is done as if asked by name.

use super::{
    Caller, Failure, Once,
    button_ask::{found, unknown},
    content, refuse, ticket_amend, ticket_approve, ticket_cancel, ticket_collect, ticket_cut_over,
    ticket_fix, ticket_hold_cut_over, ticket_pause, ticket_reject, ticket_renew, ticket_resume, ticket_retry,
    ticket_run, ticket_send_to_dba, ticket_skip, ticket_throttle, ticket_undo, ticket_withdraw,
};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_commands::{
    id::ButtonId,
    lang::said,
    wire::{
        account::AccountRenew,
        button::{ButtonPress, ButtonPressed, Form},
        cut_over::TicketCutOver,
        problem::{Code, Refusal},
        ticket::{TicketAmend, TicketConfirm, TicketFix, TicketReject, TicketUndo, TicketVerb},
    },
};
use dbdesk_store::{confirmation, revision};
use dbdesk_ticket::buttons::asked;

/// Presses it.
pub async fn press(
    desk: &Desk,
    caller: &Caller,
    once: &Once,
    id: ButtonId,
    body: ButtonPress,
) -> Result<ButtonPressed, Failure> {
    let (button, row, _) = found(desk, caller, &id).await?;
    let confirms = asked(button.form, row.now.state) == Form::Name;
    if confirms {
        within_time(desk, caller, &button.id).await?;
    }
    let shown = button.id.clone();
    let (verb, id, revision) = (button.verb, row.id, button.revision);
    let once = &Once { key: once.key.clone(), pressed: Some(verb) };
    let ticket = match verb {
        TicketVerb::Approve | TicketVerb::Run | TicketVerb::Retry | TicketVerb::Skip => {
            let hash = revision::hash(&desk.store, id, revision).await?;
            let confirm = TicketConfirm { sql_hash: hash.map(|(hash, _)| hash), confirm: body.confirm };
            match verb {
                TicketVerb::Approve => ticket_approve::approve(desk, caller, once, id, confirm).await?,
                TicketVerb::Retry => ticket_retry::retry(desk, caller, once, id, confirm).await?,
                TicketVerb::Skip => ticket_skip::skip(desk, caller, once, id, confirm).await?,
                _ => ticket_run::run(desk, caller, once, id, confirm).await?,
            }
        }
        TicketVerb::Reject => {
            let reason = content::reason(body.reason.as_deref().unwrap_or_default())?;
            ticket_reject::reject(desk, caller, once, id, TicketReject { reason }).await?
        }
        TicketVerb::Amend => {
            let sql = body.sql.ok_or_else(no_sql)?;
            let amend = TicketAmend { sql, when: body.when, revision: Some(revision) };
            ticket_amend::amend(desk, caller, once, id, amend).await?
        }
        TicketVerb::Fix => {
            ticket_fix::fix(desk, caller, once, id, TicketFix { revision: Some(revision) }).await?
        }
        TicketVerb::SendToDba => ticket_send_to_dba::send_to_dba(desk, caller, once, id).await?,
        TicketVerb::Withdraw => ticket_withdraw::withdraw(desk, caller, once, id).await?,
        TicketVerb::Pause => ticket_pause::pause(desk, caller, once, id).await?,
        TicketVerb::Resume => ticket_resume::resume(desk, caller, once, id).await?,
        TicketVerb::Prioritise => return Err(unknown().into()),
        TicketVerb::Cancel => ticket_cancel::cancel(desk, caller, once, id).await?,
        TicketVerb::Throttle => {
            let limits = body.limits.ok_or_else(no_limits)?;
            ticket_throttle::throttle(desk, caller, once, id, limits).await?
        }
        TicketVerb::HoldCutOver => ticket_hold_cut_over::hold_cut_over(desk, caller, once, id).await?,
        TicketVerb::CutOver => {
            ticket_cut_over::cut_over(desk, caller, once, id, TicketCutOver::default()).await?
        }
        TicketVerb::Collect => {
            let (ticket, collected) = ticket_collect::collect(desk, caller, once, id).await?;
            return Ok(ButtonPressed { verb, ticket, collected: Some(collected) });
        }
        TicketVerb::Renew => ticket_renew::renew(desk, caller, once, id, AccountRenew::default()).await?,
        TicketVerb::Undo => ticket_undo::undo(desk, caller, once, id, TicketUndo::default()).await?,
    };
    if confirms {
        // One showing of the form is one confirmation. A crash before this leaves it to the rest of its minute.
        confirmation::remove(&desk.store, (&shown, caller.person.id)).await?;
    }
    Ok(ButtonPressed { verb, ticket, collected: None })
}

/// A name counts only if its form was just opened by the same person: who finds it an hour later looks again.
async fn within_time(desk: &Desk, caller: &Caller, button: &ButtonId) -> Result<(), Failure> {
    let confirm_s = desk.config.policy.confirm_s;
    let asked_at = confirmation::asked_at(&desk.store, (button, caller.person.id)).await?;
    let from = desk.clock.now() - TimeDelta::seconds(i64::from(confirm_s));
    match asked_at {
        Some(asked_at) if asked_at >= from => Ok(()),
        _ => Err(refuse::confirmed_late(confirm_s).into()),
    }
}

fn no_limits() -> Refusal {
    Refusal::new(
        Code::Invalid,
        said!(
            "This button needs the new limits in `limits`. Nothing was changed.",
            "这个按钮需要在 `limits` 中给出新的上限。没有作任何修改。"
        ),
    )
}

fn no_sql() -> Refusal {
    Refusal::new(
        Code::Invalid,
        said!(
            "This button needs the new SQL in `sql`. Nothing was changed.",
            "这个按钮需要在 `sql` 中给出新的 SQL。没有作任何修改。"
        ),
    )
}
