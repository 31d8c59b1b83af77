//! `/sql submit`: a ticket from a form or a file.

use super::{Desk, finish, sorry};
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::{Inbound, Submit},
    reply::{
        findings,
        message::Message,
        modal, problem,
        reviewed::{self, Told},
        sentence,
    },
    rest::RestError,
};
use dbdesk_commands::{
    id::TicketId,
    lang::{Lang, Said, said},
    wire::{
        card::CardPlace,
        ticket::{OnFailure, TicketSubmit, TicketView},
    },
};
use serenity::all::CreateModal;
use std::time::Duration;
use tokio::time::sleep;

/// So often the new ticket is asked for its card, before the answer stays without a link.
const CARD_TRIES: u32 = 12;
const CARD_WAIT: Duration = Duration::from_millis(400);
/// Findings in the answer; the thread has all.
const SHOWN: usize = 3;

/// The form.
pub fn form(it: &Submit, lang: Lang) -> CreateModal {
    modal::submit((&it.group, &it.database), &it.reason, &it.time, it.goes_on, lang)
}

/// Files the ticket and answers; the link to the card follows when there is one.
pub async fn file(desk: &Desk, inbound: &Inbound, it: &Submit, sql: &str) -> Result<(), RestError> {
    let lang = inbound.asker.lang;
    let body = TicketSubmit {
        service_group: it.group.trim().to_owned(),
        database: it.database.trim().to_owned(),
        sql: sql.to_owned(),
        reason: it.reason.trim().to_owned(),
        when: it.time.trim().to_owned(),
        on_failure: if it.goes_on { OnFailure::GoOn } else { OnFailure::Stop },
        lang: Some(lang),
    };
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["tickets"], &body).await;
    let ticket = match filed {
        Ok(ticket) => ticket,
        Err(error) => {
            let answer = problem::with_line_back(
                sorry(&error, inbound),
                "/sql submit",
                &[
                    ("group", &it.group),
                    ("database", &it.database),
                    ("reason", &it.reason),
                    ("time", &it.time),
                    ("on_failure", if it.goes_on { "go_on" } else { "" }),
                ],
                lang,
            );
            let answer = problem::with_sql_back(answer, sql, lang);
            return finish(desk, inbound, answer).await;
        }
    };
    told_with_thread(desk, inbound, &ticket).await
}

/// Says that it is filed, and then where its thread is.
pub(super) async fn told_with_thread(
    desk: &Desk,
    inbound: &Inbound,
    ticket: &TicketView,
) -> Result<(), RestError> {
    let lang = inbound.asker.lang;
    tracing::info!(ticket = %ticket.id, user = %inbound.asker.user, "filed");
    finish(desk, inbound, filed_message(ticket, lang, None)).await?;
    match thread_of(desk, inbound, ticket).await {
        Some(thread) => finish(desk, inbound, filed_message(ticket, lang, Some(&thread))).await,
        None => Ok(()),
    }
}

async fn thread_of(desk: &Desk, inbound: &Inbound, ticket: &TicketView) -> Option<String> {
    let of = |card: Option<CardPlace>| card.and_then(|card| card.thread_id);
    let mut found = of(ticket.card.clone());
    for _ in 0..CARD_TRIES {
        if found.is_some() {
            break;
        }
        sleep(CARD_WAIT).await;
        let id = ticket.id.0.to_string();
        let now: Result<TicketView, _> =
            desk.backend.get(&inbound.asker.acting(), &["tickets", &id], &[], READ_LIMIT).await;
        found = now.ok().and_then(|ticket| of(ticket.card));
    }
    found.filter(|id| crate::reply::ticket_lines::is_id(id))
}

/// What the requester reads.
#[must_use]
pub fn filed_message(ticket: &TicketView, lang: Lang, thread: Option<&str>) -> Message {
    let id: TicketId = ticket.id;
    let said = said!("📝 **{id}** is filed.", "📝 **{id}** 已提交。");
    let mut lines = vec![said.in_lang(lang).to_owned(), sentence::standing(ticket, lang)];
    if ticket.kind.is_sql() {
        lines.push(findings::summary(&ticket.review, lang));
    }
    lines.extend(sentence::next_step(ticket).map(|next| next.in_lang(lang).to_owned()));
    lines.push(match thread {
        Some(thread) => said!("Follow it here: <#{thread}>", "进展见：<#{thread}>").in_lang(lang).to_owned(),
        None => Said::fixed("Its card appears in the tickets channel.", "卡片会出现在工单频道。")
            .in_lang(lang)
            .to_owned(),
    });
    let told = Told { review: &ticket.review, sql: &ticket.sql, lang, has_button: false };
    let embeds = reviewed::embeds(told, SHOWN);
    Message { embeds, ..Message::text(lines.join("\n")) }
}
