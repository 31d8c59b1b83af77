//! `/emergency list`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{emergencies, message::Message, problem},
};
use dbdesk_commands::wire::emergency::EmergencyPage;

/// Asks and renders.
pub async fn list(desk: &Desk, asker: &Asker) -> Message {
    let answer: Result<EmergencyPage, BackendError> =
        desk.backend.get(&asker.acting(), &["emergencies"], &[], READ_LIMIT).await;
    match answer {
        Ok(page) => emergencies::list(&page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
