//! Withdraw: the requester takes his ticket back before it runs, by button or `/ticket withdraw`.

use super::{ButtonWords, Desk, card_button::simply, sorry, ticket_id};
use crate::{backend::BackendError, inbound::Inbound, reply::message::Message};
use dbdesk_commands::wire::ticket::{TicketVerb, TicketView};
use serenity::model::application::ButtonStyle;

/// Its button.
pub const WORDS: ButtonWords = ButtonWords {
    style: ButtonStyle::Secondary,
    done: |ticket| simply(ticket.id, "is taken back.", "已撤回。"),
};

/// `/ticket withdraw`
pub async fn withdraw(desk: &Desk, inbound: &Inbound, ticket: &str) -> Message {
    let lang = inbound.asker.lang;
    let id = match ticket_id(ticket, lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    let path = ["tickets", &id, TicketVerb::Withdraw.word()];
    let body = serde_json::json!({});
    let answer: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &body).await;
    match answer {
        Ok(ticket) => Message::text((WORDS.done)(&ticket).in_lang(lang)),
        Err(error) => sorry(&error, inbound),
    }
}
