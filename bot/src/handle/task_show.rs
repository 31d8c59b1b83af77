//! `/task show`: one task, to the asker only.

use super::{Desk, task_id};
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, task_page},
};
use dbdesk_commands::wire::queue::TaskLine;

/// Asks and renders.
pub async fn show(desk: &Desk, asker: &Asker, task: &str) -> Message {
    let id = match task_id(task, asker.lang) {
        Ok(id) => id.0.to_string(),
        Err(refusal) => return *refusal,
    };
    let answer: Result<TaskLine, BackendError> =
        desk.backend.get(&asker.acting(), &["tasks", &id], &[], READ_LIMIT).await;
    match answer {
        Ok(task) => task_page::page(&task, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
