//! `/restore rows`: what the binary log has, and the ticket that brings it back.

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::{Inbound, Restore},
    reply::{message::Message, restores},
};
use dbdesk_commands::{
    id::RestoreId,
    wire::{
        restore::{RestoreFile, RestoreRows, RestoreView, RestoreWhat},
        ticket::TicketView,
    },
};

/// Looks and tells, to the asker only.
pub async fn look(desk: &Desk, inbound: &Inbound, it: &Restore) -> Message {
    let body = RestoreRows {
        service_group: it.group.trim().to_owned(),
        database: it.database.trim().to_owned(),
        table: it.table.trim().to_owned(),
        from: it.from.trim().to_owned(),
        until: it.until.trim().to_owned(),
        reason: it.reason.trim().to_owned(),
    };
    let answer: Result<RestoreView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["restores"], &body).await;
    match answer {
        Ok(found) => restores::found(&found, inbound.asker.lang),
        Err(error) => sorry(&error, inbound),
    }
}

/// Files what was looked at.
pub async fn file(desk: &Desk, inbound: &Inbound, (what, id): (RestoreWhat, RestoreId)) -> Message {
    let number = id.0.to_string();
    let (who, body) = (inbound.asker.acting(), RestoreFile { what });
    let answer: Result<TicketView, BackendError> =
        desk.backend.post(&who, inbound.handle.id, &["restores", &number, "file"], &body).await;
    match answer {
        Ok(ticket) => restores::filed(&ticket, inbound.asker.lang),
        Err(error) => sorry(&error, inbound),
    }
}
