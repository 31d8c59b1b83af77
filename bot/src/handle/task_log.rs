//! `/task log`: what happened to a task and what its process said, to the asker only. What is long is a file.

use super::{Desk, task_id};
use crate::{
    backend::{BackendError, READ_LIMIT},
    inbound::Asker,
    reply::{message::Message, problem, task_page},
};
use dbdesk_commands::{id::TaskId, wire::queue::TaskLog};

/// Most answers that are put together: 10 × 1,000 lines is all that a task may write.
const PAGES: usize = 11;

/// Asks and renders.
pub async fn log(desk: &Desk, asker: &Asker, task: &str) -> Message {
    let id = match task_id(task, asker.lang) {
        Ok(id) => id,
        Err(refusal) => return *refusal,
    };
    match whole(desk, asker, id).await {
        Ok(log) => task_page::log(&log, asker.lang),
        Err(error) => problem::of_error(&error, asker.lang),
    }
}

async fn whole(desk: &Desk, asker: &Asker, id: TaskId) -> Result<TaskLog, BackendError> {
    let mut whole = TaskLog { task: id, entries: Vec::new(), lines: Vec::new(), more: true };
    let number = id.0.to_string();
    for _ in 0..PAGES {
        let entry = whole.entries.last().map_or(0, |entry| entry.id.0).to_string();
        let line = whole.lines.last().map_or(0, |line| line.seq).to_string();
        let query = [("after_entry", entry.as_str()), ("after_line", line.as_str())];
        let path = ["tasks", &number, "log"];
        let page: TaskLog = desk.backend.get(&asker.acting(), &path, &query, READ_LIMIT).await?;
        whole.entries.extend(page.entries);
        whole.lines.extend(page.lines);
        whole.more = page.more;
        if !page.more {
            break;
        }
    }
    Ok(whole)
}
