//! `/account request`: an account is asked for; the desk files a ticket.

use super::{Desk, finish, sorry, sql_submit::told_with_thread};
use crate::{
    backend::BackendError,
    inbound::{Inbound, access::Request},
    reply::problem,
    rest::RestError,
};
use dbdesk_commands::wire::{account::AccountRequest, ticket::TicketView};

/// Files it, and says where its thread is.
pub async fn request(desk: &Desk, inbound: &Inbound, it: &Request) -> Result<(), RestError> {
    let body = AccountRequest {
        service_group: it.group.trim().to_owned(),
        database: it.database.trim().to_owned(),
        level: it.level.trim().to_owned(),
        tables: given(&it.tables),
        from: it.from.trim().to_owned(),
        until: it.until.trim().to_owned(),
        name: given(&it.name),
        hash: given(&it.hash),
        reason: it.reason.trim().to_owned(),
        lang: Some(inbound.asker.lang),
    };
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["accounts"], &body).await;
    match filed {
        Ok(ticket) => told_with_thread(desk, inbound, &ticket).await,
        Err(error) => {
            let answer = problem::with_line_back(
                sorry(&error, inbound),
                "/account request",
                // Never the hash: it may be a password typed in the wrong place.
                &[
                    ("group", &it.group),
                    ("database", &it.database),
                    ("level", &it.level),
                    ("from", &it.from),
                    ("until", &it.until),
                    ("reason", &it.reason),
                    ("tables", &it.tables),
                    ("name", &it.name),
                ],
                inbound.asker.lang,
            );
            finish(desk, inbound, answer).await
        }
    }
}

/// What was typed, where it was.
pub(super) fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
