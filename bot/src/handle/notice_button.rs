//! A button of a notice. What it does, and who may, is the backend's.

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{message::Message, notices},
};
use dbdesk_commands::{id::ButtonId, wire::notice::NoticePressed};

/// Presses it, and tells the one who pressed.
pub async fn press(desk: &Desk, inbound: &Inbound, id: &ButtonId) -> Message {
    let path = ["notice-buttons", &id.0, "press"];
    let answer: Result<NoticePressed, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &serde_json::json!({})).await;
    match answer {
        Ok(pressed) => {
            tracing::info!(user = %inbound.asker.user, verb = pressed.verb.word(), "pressed");
            notices::pressed(&pressed, inbound.asker.lang)
        }
        Err(error) => sorry(&error, inbound),
    }
}
