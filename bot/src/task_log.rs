//! All of a task's log, read page by page.

use crate::backend::{As, Backend, BackendError, READ_LIMIT};
use dbdesk_commands::{id::TaskId, wire::queue::TaskLog};

/// Most answers that are put together: 10 × 1,000 lines is all that a task may write.
const PAGES: usize = 11;

/// Reads it.
pub async fn whole(backend: &Backend, by: &As, id: TaskId) -> Result<TaskLog, BackendError> {
    let mut whole = TaskLog { task: id, entries: Vec::new(), lines: Vec::new(), more: true };
    let number = id.0.to_string();
    for _ in 0..PAGES {
        let entry = whole.entries.last().map_or(0, |entry| entry.id.0).to_string();
        let line = whole.lines.last().map_or(0, |line| line.seq).to_string();
        let query = [("after_entry", entry.as_str()), ("after_line", line.as_str())];
        let page: TaskLog = backend.get(by, &["tasks", &number, "log"], &query, READ_LIMIT).await?;
        whole.entries.extend(page.entries);
        whole.lines.extend(page.lines);
        whole.more = page.more;
        if !page.more {
            break;
        }
    }
    Ok(whole)
}
