//! `/emergency review`

use super::{Desk, emergency_off::emergency_id, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{emergencies, message::Message, problem},
};
use dbdesk_commands::{
    id::EmergencyId,
    wire::emergency::{EmergencyReview, EmergencyView},
};

/// Asks and tells. What was typed is given back when it is refused.
pub async fn review(desk: &Desk, inbound: &Inbound, which: &str, text: &str) -> Message {
    let lang = inbound.asker.lang;
    let id = match emergency_id(which, lang) {
        Ok(EmergencyId(id)) => id.to_string(),
        Err(message) => return problem::with_reason_back(*message, text, lang),
    };
    let (who, path) = (inbound.asker.acting(), ["emergencies", &id, "review"]);
    let body = EmergencyReview { text: text.to_owned() };
    let answer: Result<EmergencyView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &path, &body).await;
    match answer {
        Ok(emergency) => emergencies::reviewed(&emergency, lang),
        Err(error) => problem::with_reason_back(sorry(&error, inbound), text, lang),
    }
}
