//! `/delegate list`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{delegations, message::Message, problem},
};
use dbdesk_commands::wire::delegation::DelegationPage;

/// Asks and renders.
pub async fn list(desk: &Desk, asker: &Asker) -> Message {
    let answer: Result<DelegationPage, BackendError> =
        desk.backend.get(&asker.acting(), &["delegations"], &[], READ_LIMIT).await;
    match answer {
        Ok(page) => delegations::list(&page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
