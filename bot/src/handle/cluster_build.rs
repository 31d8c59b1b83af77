//! `/cluster build`: a private message that is edited at each step. What was filled in lies in the backend; a custom id says which draft and which page,
//! so that the bot may end between any two steps.

use super::{Desk, finish, sorry, sql_submit::told_with_thread};
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::{
        Inbound,
        builds::{self, Begin, Build, Page, Step},
    },
    reply::{builds as reply, message::Message, modal},
    rest::RestError,
};
use dbdesk_commands::wire::{
    cluster::{BuildDraft, BuildDraftPut, BuildDraftView},
    problem::Code,
    ticket::TicketView,
};
use serde_json::{Value, json};
use std::time::Duration;

/// A form must be open within three seconds.
const ASK_LIMIT: Duration = Duration::from_secs(2);
/// Two presses at the same moment change the same draft one after the other.
const TRIES: usize = 3;

/// Begins a draft, and shows its first page.
pub async fn begin(desk: &Desk, inbound: &Inbound, it: &Begin) -> Message {
    let draft = BuildDraft {
        name: it.name.trim().to_owned(),
        environment: it.environment.trim().to_owned(),
        reason: it.reason.trim().to_owned(),
        package: it.package.trim().to_owned(),
        team: it.team.trim().to_owned(),
        time_zone: it.zone.trim().to_owned(),
        ..BuildDraft::default()
    };
    let path = ["cluster-drafts"];
    match desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &draft).await {
        Ok(view) => drawn(desk, inbound, &view, Page::Package).await,
        Err(error) => sorry(&error, inbound),
    }
}

/// Opens the form of a page, with what is there now.
pub async fn open(desk: &Desk, inbound: &Inbound, id: &str, page: Page) -> Result<(), RestError> {
    let path = ["cluster-drafts", id];
    let found: Result<BuildDraftView, BackendError> =
        desk.backend.get(&inbound.asker.acting(), &path, &[], ASK_LIMIT).await;
    match found {
        Ok(view) => {
            let form = modal::of_build(page, &view, inbound.asker.lang);
            desk.rest.open_modal(&inbound.handle, form).await
        }
        Err(error) => desk.rest.say(&inbound.handle, sorry(&error, inbound)).await,
    }
}

/// Does what was pressed, chosen or filled in.
pub async fn step(desk: &Desk, inbound: &Inbound, build: &Build) -> Result<(), RestError> {
    let id = build.id.as_str();
    let shown = match &build.step {
        Step::Page(page) => show(desk, inbound, id).await.map(|view| (view, *page)),
        Step::Choose(menu, values) => {
            let changed = change(desk, inbound, id, |draft| menu.chosen(draft, values)).await;
            changed.map(|view| (view, menu.page()))
        }
        Step::Fill(page, inputs) => {
            let changed = change(desk, inbound, id, |draft| builds::typed(draft, inputs)).await;
            changed.map(|view| (view, *page))
        }
        Step::Cancel => return finish(desk, inbound, cancel(desk, inbound, id).await).await,
        Step::File => return file(desk, inbound, id).await,
        Step::Open(page) => return open(desk, inbound, id, *page).await,
    };
    let answer = match shown {
        Ok((view, page)) => drawn(desk, inbound, &view, page).await,
        Err(error) => sorry(&error, inbound),
    };
    finish(desk, inbound, answer).await
}

/// A page with its picture; without, where that can not be drawn.
async fn drawn(desk: &Desk, inbound: &Inbound, view: &BuildDraftView, page: Page) -> Message {
    let path = ["cluster-drafts", &view.id, "picture.png"];
    let png = if view.check.picture.is_empty() {
        None
    } else {
        let drawn = desk.backend.bytes(&inbound.asker.acting(), &path, READ_LIMIT).await;
        drawn.inspect_err(|error| tracing::warn!(%error, "a picture of a draft can not be had")).ok()
    };
    reply::page(view, page, png, inbound.asker.lang)
}

async fn show(desk: &Desk, inbound: &Inbound, id: &str) -> Result<BuildDraftView, BackendError> {
    desk.backend.get(&inbound.asker.acting(), &["cluster-drafts", id], &[], READ_LIMIT).await
}

async fn change(
    desk: &Desk,
    inbound: &Inbound,
    id: &str,
    change: impl Fn(&mut BuildDraft),
) -> Result<BuildDraftView, BackendError> {
    let mut tries = 1;
    loop {
        let BuildDraftView { version, mut draft, .. } = show(desk, inbound, id).await?;
        change(&mut draft);
        let body = BuildDraftPut { seen: version, draft };
        let put = desk.backend.put(&inbound.asker.acting(), &["cluster-drafts", id], &body).await;
        match put {
            Err(error) if error.code() == Some(Code::Conflict) && tries < TRIES => tries += 1,
            other => return other,
        }
    }
}

async fn cancel(desk: &Desk, inbound: &Inbound, id: &str) -> Message {
    match desk.backend.delete::<Value>(&inbound.asker.acting(), &["cluster-drafts", id]).await {
        Ok(_) => reply::cancelled(inbound.asker.lang),
        Err(error) => sorry(&error, inbound),
    }
}

/// Files it. What became wrong since it was shown is shown with all that was filled in.
async fn file(desk: &Desk, inbound: &Inbound, id: &str) -> Result<(), RestError> {
    let path = ["cluster-drafts", id, "file"];
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &json!({})).await;
    let error = match filed {
        Ok(ticket) => return told_with_thread(desk, inbound, &ticket).await,
        Err(error) => error,
    };
    let mut answer = sorry(&error, inbound);
    if error.code() == Some(Code::Invalid)
        && let Ok(view) = show(desk, inbound, id).await
    {
        let page = drawn(desk, inbound, &view, Page::Review).await;
        answer = Message { embeds: answer.embeds.into_iter().chain(page.embeds.clone()).collect(), ..page };
    }
    finish(desk, inbound, answer).await
}
