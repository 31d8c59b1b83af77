//! What a button asks of the one who pressed it: he is told at once if he may not, or if it is too late.

use super::{
    Caller, Failure, refuse,
    step::{self, Looked},
};
use crate::desk::Desk;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    id::ButtonId,
    lang::said,
    wire::{
        button::{ButtonAsk, Form},
        problem::{Code, Refusal},
        ticket::TicketVerb,
    },
};
use dbdesk_store::{
    begin,
    button::{self, Button},
    confirmation, revision,
    ticket::TicketRow,
};
use dbdesk_ticket::{
    buttons::asked,
    machine::{self, Move},
    policy::Verdict,
};

/// Looks at it without pressing it.
pub async fn ask(desk: &Desk, caller: &Caller, id: ButtonId) -> Result<ButtonAsk, Failure> {
    let (button, row, group) = found(desk, caller, &id).await?;
    if let Err(illegal) = machine::apply(row.now.state, Move::of_verb(button.verb, Verdict::MayAsk)) {
        let mut tx = begin(&desk.store).await?;
        return Err(refuse::illegal(&mut tx, &row, &group, button.verb, illegal).await);
    }
    let form = asked(button.form, row.now.state);
    if form == Form::Name {
        confirmation::put(&desk.store, (&button.id, caller.person.id), desk.clock.now()).await?;
    }
    let (sql, when) = if button.form == Form::Sql {
        let revision = revision::get(&desk.store, row.id, row.now.revision).await?;
        (revision.map(|revision| revision.sql), Some(row.now.when.to_string()))
    } else {
        (None, None)
    };
    Ok(ButtonAsk {
        ticket: row.id,
        verb: button.verb,
        form,
        service_group: group.name,
        revision: button.revision,
        confirm_s: (form == Form::Name).then_some(desk.config.policy.confirm_s),
        sql,
        when,
        limits: (button.form == Form::Limits).then(|| row.throttle.over(desk.config.ddl.limits())),
    })
}

/// The button with its ticket, for one who may press it; a button of an older revision is stale, except to stop things.
pub(super) async fn found(
    desk: &Desk,
    caller: &Caller,
    id: &ButtonId,
) -> Result<(Button, TicketRow, ServiceGroup), Failure> {
    let button = button::get(&desk.store, id).await?.ok_or_else(unknown)?;
    let Looked { row, group, .. } = step::look(desk, caller, button.ticket, button.verb).await?;
    let stops = matches!(button.verb, TicketVerb::Withdraw | TicketVerb::Pause | TicketVerb::Cancel);
    if button.revision != row.now.revision && !stops {
        return Err(refuse::stale(&row, &group).into());
    }
    Ok((button, row, group))
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(
        Code::UnknownButton,
        said!(
            "This button belongs to no ticket any more. `/ticket list` shows the tickets there are.",
            "这个按钮已经不属于任何工单。可以用 `/ticket list` 查看现有工单。"
        ),
    )
}
