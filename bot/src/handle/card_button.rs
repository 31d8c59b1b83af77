//! A button on a card. The bot knows only which form it asks; the backend knows what it does, and who may.

use super::{Desk, finish, sorry, task_throttle, ticket_amend, words_of};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{accounts, limits, message::Message, modal, problem, sentence},
    rest::RestError,
};
use dbdesk_commands::{
    id::{ButtonId, TicketId},
    lang::{Lang, Said, said},
    wire::{
        button::{ButtonAsk, ButtonPress, ButtonPressed, Form},
        problem::Code,
        ticket::TicketVerb,
    },
};
use std::time::Duration;

/// A form must be open within three seconds.
const ASK_LIMIT: Duration = Duration::from_secs(2);

/// Pressed: done at once, or a form is opened.
pub async fn pressed(
    desk: &Desk,
    inbound: &Inbound,
    form: Form,
    id: &ButtonId,
    title: &str,
) -> Result<(), RestError> {
    let lang = inbound.asker.lang;
    let title = if title.is_empty() { "dbdesk" } else { title };
    if form == Form::Press {
        desk.rest.defer(&inbound.handle).await?;
        let answer = press(desk, inbound, id, &ButtonPress::default()).await;
        return finish(desk, inbound, answer.unwrap_or_else(|error| sorry(&error, inbound))).await;
    }
    // Nobody fills in a form for what he may not do, or for what is decided already.
    let ask: Result<ButtonAsk, BackendError> =
        desk.backend.get(&inbound.asker.acting(), &["buttons", &id.0], &[], ASK_LIMIT).await;
    let ask = match ask {
        Ok(ask) => ask,
        Err(error) => return desk.rest.say(&inbound.handle, sorry(&error, inbound)).await,
    };
    let sql = ask.sql.as_deref().filter(|_| form == Form::Sql).unwrap_or_default();
    if limits::length(sql) > limits::INPUT_VALUE {
        return desk.rest.say(&inbound.handle, too_long(ask.ticket, lang)).await;
    }
    let limits = ask.limits.filter(|_| form == Form::Limits);
    let (max_lag, max_load) =
        limits.map(|limits| ((limits.max_lag_ms / 1_000).to_string(), limits.max_load.to_string())).unzip();
    let name = if form == Form::Name { ask.service_group.as_str() } else { sql };
    let present = max_lag.as_deref().unwrap_or(name);
    let beside = max_load.as_deref().or(ask.when.as_deref()).unwrap_or_default();
    desk.rest
        .open_modal(
            &inbound.handle,
            modal::of_button(form, id, title, (present, beside), ask.confirm_s, lang),
        )
        .await
}

/// A form was filled in. What was typed is given back when it is refused.
pub async fn filled(
    desk: &Desk,
    inbound: &Inbound,
    (form, id): (Form, &ButtonId),
    text: &str,
    more: &str,
) -> Message {
    let typed = Some(text.to_owned());
    let body = match form {
        Form::Press => ButtonPress::default(),
        Form::Reason => ButtonPress { reason: typed, ..ButtonPress::default() },
        Form::Sql => ButtonPress {
            sql: typed,
            when: Some(more.trim().to_owned()).filter(|time| !time.is_empty()),
            ..ButtonPress::default()
        },
        Form::Name => ButtonPress { confirm: typed, ..ButtonPress::default() },
        Form::Limits => {
            ButtonPress { limits: Some(task_throttle::body(text, more)), ..ButtonPress::default() }
        }
    };
    match press(desk, inbound, id, &body).await {
        Ok(answer) => answer,
        Err(error) if form == Form::Sql => {
            problem::with_sql_back(sorry(&error, inbound), text, inbound.asker.lang)
        }
        Err(error) if form == Form::Reason => {
            problem::with_reason_back(sorry(&error, inbound), text, inbound.asker.lang)
        }
        Err(error) if form == Form::Limits => {
            problem::with_limits_back(sorry(&error, inbound), (text, more), inbound.asker.lang)
        }
        Err(error) => sorry(&error, inbound),
    }
}

async fn press(
    desk: &Desk,
    inbound: &Inbound,
    id: &ButtonId,
    body: &ButtonPress,
) -> Result<Message, BackendError> {
    let pressed: ButtonPressed = desk
        .backend
        .post(&inbound.asker.acting(), inbound.handle.id, &["buttons", &id.0, "press"], body)
        .await?;
    let (ticket, user) = (pressed.ticket.id, inbound.asker.user);
    tracing::info!(%ticket, %user, verb = pressed.verb.word(), "pressed");
    if let Some(collected) = &pressed.collected {
        return Ok(accounts::handed_over(collected, inbound.asker.lang));
    }
    Ok(done(&pressed, inbound.asker.lang))
}

/// What was done, and where the ticket stands now.
#[must_use]
pub fn done(pressed: &ButtonPressed, lang: Lang) -> Message {
    let ticket = &pressed.ticket;
    if matches!(pressed.verb, TicketVerb::Amend | TicketVerb::Fix) {
        return ticket_amend::reviewed(&(words_of(pressed.verb).done)(ticket), ticket, lang);
    }
    let done = (words_of(pressed.verb).done)(ticket);
    let done = done.in_lang(lang);
    // What was only asked of a process stands in the ticket a moment later; the state of now would contradict it.
    if matches!(
        pressed.verb,
        TicketVerb::Approve
            | TicketVerb::Run
            | TicketVerb::Resume
            | TicketVerb::Cancel
            | TicketVerb::Throttle
            | TicketVerb::HoldCutOver
            | TicketVerb::CutOver
            | TicketVerb::Retry
            | TicketVerb::Skip
            | TicketVerb::Collect
    ) {
        return Message::text(done);
    }
    Message::text(format!("{done}\n{}", sentence::standing(ticket, lang)))
}

fn too_long(ticket: TicketId, lang: Lang) -> Message {
    let n = limits::INPUT_VALUE;
    problem::boxed(
        &Code::TooLarge.title(),
        &said!(
            "The SQL of {ticket} is longer than {n} characters, the most a form holds. Change it in a file and send \
             that with `/ticket amend ticket:{ticket} file:…`. The present SQL is a file in the ticket's thread.",
            "{ticket} 的 SQL 超过 {n} 字，表单放不下。请在文件里修改，然后用 `/ticket amend ticket:{ticket} file:…` 提交。\
             当前的 SQL 以文件形式附在工单的子区里。"
        ),
        lang,
    )
}

/// Shared by the verbs whose sentence is only "it is done".
#[must_use]
pub fn simply(ticket: TicketId, en: &'static str, zh: &'static str) -> Said {
    said!("**{ticket}** {en}", "**{ticket}** {zh}")
}
