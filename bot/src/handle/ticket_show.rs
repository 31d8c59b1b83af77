//! `/ticket show`: one ticket, to the asker only.

use super::{Desk, ticket_id};
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{card, message::Message, problem, story, ticket_lines::is_id},
};
use dbdesk_commands::{
    lang::{Lang, said},
    wire::ticket::TicketView,
};

/// Asks and renders.
pub async fn show(desk: &Desk, asker: &Asker, ticket: &str) -> Message {
    let id = match ticket_id(ticket, asker.lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    let answer: Result<TicketView, BackendError> =
        desk.backend.get(&asker.acting(), &["tickets", &id], &[], READ_LIMIT).await;
    match answer {
        Ok(ticket) => message(&ticket, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}

/// The card in the asker's language, with the way to its thread; long SQL as a file.
#[must_use]
pub fn message(ticket: &TicketView, lang: Lang) -> Message {
    let thread = ticket.card.as_ref().and_then(|card| card.thread_id.as_deref()).filter(|id| is_id(id));
    let content =
        thread.map(|id| said!("Its thread: <#{id}>", "讨论与进展：<#{id}>").in_lang(lang).to_owned());
    let message =
        Message { embeds: vec![card::embed(ticket, lang)], ..Message::text(content.unwrap_or_default()) };
    if card::is_cut(&ticket.sql) {
        message.with_file(story::file_name(ticket, "sql"), ticket.sql.as_bytes())
    } else {
        message
    }
}
