//! `/task prioritise`: a DBA moves a ticket before or behind others that are due.

use super::{Desk, sorry, ticket_id};
use crate::{backend::BackendError, inbound::Inbound, reply::message::Message};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        task::Priority,
        ticket::{TicketPrioritise, TicketVerb, TicketView},
    },
};

/// Asks for it, and says what came of it.
pub async fn prioritise(desk: &Desk, inbound: &Inbound, ticket: &str, priority: &str) -> Message {
    let lang = inbound.asker.lang;
    let id = match ticket_id(ticket, lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    // Discord offers these words only.
    let priority = Priority::of_word(priority).unwrap_or_default();
    let path = ["tickets", &id, TicketVerb::Prioritise.word()];
    let answer: Result<TicketView, BackendError> = desk
        .backend
        .post(&inbound.asker.acting(), inbound.handle.id, &path, &TicketPrioritise { priority })
        .await;
    match answer {
        Ok(ticket) => {
            let (id, Said { en, zh }) = (ticket.id, priority.said());
            Message::text(
                said!("**{id}** has the priority {en} now.", "**{id}** 的优先级现在是{zh}。").in_lang(lang),
            )
        }
        Err(error) => sorry(&error, inbound),
    }
}
