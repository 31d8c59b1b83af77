//! `/task log`: what happened to a task and what its process said, to the asker only. What is long is a file.

use super::{Desk, task_id};
use crate::{
    inbound::Asker,
    reply::{message::Message, problem, task_page},
    task_log,
};

/// Asks and renders.
pub async fn log(desk: &Desk, asker: &Asker, task: &str) -> Message {
    let id = match task_id(task, asker.lang) {
        Ok(id) => id,
        Err(refusal) => return *refusal,
    };
    match task_log::whole(&desk.backend, &asker.acting(), id).await {
        Ok(log) => task_page::log(&log, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}
