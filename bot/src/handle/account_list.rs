//! `/account list`: accounts, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{accounts, message::Message, problem},
};
use dbdesk_commands::wire::account::AccountPage;

/// Accounts of one answer: what a phone shows without much scrolling.
const PAGE: &str = "15";

/// Asks and renders.
pub async fn list(desk: &Desk, asker: &Asker, which: &str, group: &str) -> Message {
    let which = if which.is_empty() { "all" } else { which };
    let mut query = vec![("which", which), ("limit", PAGE)];
    if !group.trim().is_empty() {
        query.push(("service_group", group.trim()));
    }
    let answer: Result<AccountPage, BackendError> =
        desk.backend.get(&asker.acting(), &["accounts"], &query, READ_LIMIT).await;
    match answer {
        Ok(page) => accounts::page(&page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
