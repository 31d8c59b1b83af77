//! `/cluster list`

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{clusters, message::Message, problem},
};
use dbdesk_commands::wire::group::GroupPage;

/// Asks and renders.
pub async fn list(desk: &Desk, asker: &Asker, prefix: &str) -> Message {
    let query = [("prefix", prefix.trim())];
    let query = if query[0].1.is_empty() { &[][..] } else { &query[..] };
    let answer: Result<GroupPage, BackendError> =
        desk.backend.get(&asker.acting(), &["service-groups"], query, READ_LIMIT).await;
    match answer {
        Ok(page) => clusters::list(&page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
