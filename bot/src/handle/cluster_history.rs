//! `/cluster history`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{clusters, message::Message, problem},
};
use dbdesk_commands::wire::group::GroupHistory;

/// Asks and renders.
pub async fn history(desk: &Desk, asker: &Asker, (group, at): (&str, &str)) -> Message {
    let (group, query) = (group.trim(), [("at", at.trim())]);
    let query = if query[0].1.is_empty() { &[][..] } else { &query[..] };
    let path = ["service-groups", group, "history"];
    let answer: Result<GroupHistory, BackendError> =
        desk.backend.get(&asker.acting(), &path, query, READ_LIMIT).await;
    match answer {
        Ok(page) => clusters::history(group, &page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
