//! `/ticket list`: tickets, newest first, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, ticket_lines},
};
use dbdesk_commands::wire::ticket::TicketPage;

/// One page of `mine` (also when nothing is said), `open` or `all`.
pub async fn page(desk: &Desk, asker: &Asker, which: &str, before: Option<u64>) -> Message {
    let which = if matches!(which, "open" | "all") { which } else { "mine" };
    let before = before.map(|before| before.to_string());
    let limit = ticket_lines::PAGE.to_string();
    let mut query = vec![("which", which), ("limit", &limit)];
    query.extend(before.as_deref().map(|before| ("before", before)));
    let answer: Result<TicketPage, BackendError> =
        desk.backend.get(&asker.acting(), &["tickets"], &query, READ_LIMIT).await;
    match answer {
        Ok(page) => ticket_lines::page(&page, which, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
