//! All of a task's log, read page by page.

use crate::backend::{As, Backend, BackendError, READ_LIMIT};
use dbdesk_commands::{id::TaskId, wire::queue::TaskLog};

/// Reads it.
pub async fn whole(backend: &Backend, by: &As, id: TaskId) -> Result<TaskLog, BackendError> {
    let (mut whole, number) = (TaskLog::unread(id), id.0.to_string());
    for _ in 0..TaskLog::PAGES {
        let after = whole.after();
        let query = after.each_ref().map(|(name, value)| (*name, value.as_str()));
        whole.append(backend.get(by, &["tasks", &number, "log"], &query, READ_LIMIT).await?);
        if !whole.more {
            break;
        }
    }
    Ok(whole)
}
