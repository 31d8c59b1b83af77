//! `/script show`: what a script does and takes, to the asker only.

use super::Desk;
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, scripts},
};
use dbdesk_commands::wire::script::ScriptView;

/// Asks and renders.
pub async fn show(desk: &Desk, asker: &Asker, name: &str) -> Message {
    let answer: Result<ScriptView, BackendError> =
        desk.backend.get(&asker.acting(), &["scripts", name.trim()], &[], READ_LIMIT).await;
    match answer {
        Ok(view) => scripts::page(&view, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
