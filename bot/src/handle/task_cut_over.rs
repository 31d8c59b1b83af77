//! `/task cut-over`: a DBA says when the copy of a table that is changed online takes the table's place.

use super::{Desk, sorry, ticket_id, words_of};
use crate::{backend::BackendError, inbound::Inbound, reply::message::Message};
use dbdesk_commands::wire::{
    cut_over::{CutOver, TicketCutOver},
    ticket::{TicketVerb, TicketView},
};
use serde_json::json;

/// Asks for it, and says what came of it.
pub async fn cut_over(desk: &Desk, inbound: &Inbound, ticket: &str, when: &str) -> Message {
    let lang = inbound.asker.lang;
    let id = match ticket_id(ticket, lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    // Discord offers these words only.
    let (verb, body) = match CutOver::of_word(when) {
        Some(CutOver::Hold) | None => (TicketVerb::HoldCutOver, json!({})),
        Some(when) => (TicketVerb::CutOver, json!(TicketCutOver { quiet: when == CutOver::Quiet })),
    };
    let path = ["tickets", &id, verb.word()];
    let answer: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &body).await;
    match answer {
        Ok(ticket) => Message::text((words_of(verb).done)(&ticket).in_lang(lang)),
        Err(error) => sorry(&error, inbound),
    }
}
