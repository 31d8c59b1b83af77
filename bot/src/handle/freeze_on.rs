//! `/freeze on`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::{Freeze, Inbound},
    reply::{freezes, message::Message},
};
use dbdesk_commands::wire::freeze::{FreezeOn, FreezeView};

/// Asks and tells.
pub async fn on(desk: &Desk, inbound: &Inbound, it: &Freeze) -> Message {
    let body = FreezeOn {
        service_group: it.group.trim().to_owned(),
        reason: it.reason.trim().to_owned(),
        until: it.until.trim().to_owned(),
    };
    let answer: Result<FreezeView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["freezes"], &body).await;
    match answer {
        Ok(freeze) => freezes::on(&freeze, inbound.asker.lang),
        Err(error) => sorry(&error, inbound),
    }
}
