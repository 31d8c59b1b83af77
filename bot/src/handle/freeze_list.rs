//! `/freeze list`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{freezes, message::Message, problem},
};
use dbdesk_commands::wire::freeze::FreezePage;

/// Asks and renders.
pub async fn list(desk: &Desk, asker: &Asker) -> Message {
    let answer: Result<FreezePage, BackendError> =
        desk.backend.get(&asker.acting(), &["freezes"], &[], READ_LIMIT).await;
    match answer {
        Ok(page) => freezes::list(&page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
