//! `/task throttle`: a DBA sets how much lag and load running work may meet before it waits.

use super::{Desk, sorry, ticket_id, ticket_throttle};
use crate::{
    backend::BackendError,
    inbound::{Inbound, Throttle},
    reply::{message::Message, problem},
};
use dbdesk_commands::wire::{
    throttle::{TicketThrottle, Typed},
    ticket::{TicketVerb, TicketView},
};

/// Asks for it, and says what came of it.
pub async fn throttle(desk: &Desk, inbound: &Inbound, it: &Throttle) -> Message {
    let lang = inbound.asker.lang;
    let id = match ticket_id(&it.ticket, lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    let path = ["tickets", &id, TicketVerb::Throttle.word()];
    let body = body(&it.lag, &it.load);
    let answer: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &body).await;
    match answer {
        Ok(ticket) => Message::text((ticket_throttle::WORDS.done)(&ticket).in_lang(lang)),
        Err(error) => problem::with_limits_back(sorry(&error, inbound), (&it.lag, &it.load), lang),
    }
}

/// As it was typed: the backend says what is wrong with it.
#[must_use]
pub fn body(lag: &str, load: &str) -> TicketThrottle {
    TicketThrottle { max_lag_s: Some(Typed(lag.to_owned())), max_load: Some(Typed(load.to_owned())) }
}
