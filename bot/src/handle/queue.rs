//! `/queue`: what waits, what runs, and where, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, queue},
};
use dbdesk_commands::wire::queue::QueueView;

/// Asks and renders.
pub async fn show(desk: &Desk, asker: &Asker) -> Message {
    let answer: Result<QueueView, BackendError> =
        desk.backend.get(&asker.acting(), &["queue"], &[], READ_LIMIT).await;
    match answer {
        Ok(view) => queue::message(&view, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
