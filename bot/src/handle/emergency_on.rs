//! `/emergency on`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{emergencies, message::Message, problem},
};
use dbdesk_commands::wire::emergency::{EmergencyOn, EmergencyView};

/// Asks and tells. The alert itself is the desk's.
pub async fn on(desk: &Desk, inbound: &Inbound, group: &str, reason: &str) -> Message {
    let body = EmergencyOn { service_group: group.trim().to_owned(), reason: reason.trim().to_owned() };
    let answer: Result<EmergencyView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["emergencies"], &body).await;
    match answer {
        Ok(emergency) => emergencies::on(&emergency, inbound.asker.lang),
        Err(error) => problem::with_line_back(
            sorry(&error, inbound),
            "/emergency on",
            &[("group", group), ("reason", reason)],
            inbound.asker.lang,
        ),
    }
}
