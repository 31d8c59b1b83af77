//! `/script list`: the scripts that the asker may run, to him only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, scripts},
};
use dbdesk_commands::wire::script::ScriptPage;

/// Asks and renders.
pub async fn list(desk: &Desk, asker: &Asker) -> Message {
    let answer: Result<ScriptPage, BackendError> =
        desk.backend.get(&asker.acting(), &["scripts"], &[], READ_LIMIT).await;
    match answer {
        Ok(page) => scripts::list(&page, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
