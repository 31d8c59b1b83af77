//! `/schedule list`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, schedules},
};
use dbdesk_commands::wire::schedule::SchedulePage;

/// One page of `mine` (also when nothing is said) or `all`.
pub async fn page(desk: &Desk, asker: &Asker, which: &str, before: Option<u64>) -> Message {
    let which = if which == "all" { which } else { "mine" };
    let before = before.map(|before| before.to_string());
    let limit = schedules::PAGE.to_string();
    let mut query = vec![("which", which), ("limit", &limit)];
    query.extend(before.as_deref().map(|before| ("before", before)));
    let answer: Result<SchedulePage, BackendError> =
        desk.backend.get(&asker.acting(), &["schedules"], &query, READ_LIMIT).await;
    match answer {
        Ok(page) => schedules::page(&page, which, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
