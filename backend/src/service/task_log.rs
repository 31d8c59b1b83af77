//! What happened to a task, and what its process had to say.

use super::{Failure, Reader, task_show};
use crate::desk::Desk;
use dbdesk_commands::{id::TaskId, wire::queue::TaskLog};
use dbdesk_store::{entry, task_line};

/// The most entries of one answer.
pub const ENTRIES: u32 = 200;
/// The most lines of one answer.
pub const LINES: u32 = 1_000;

/// Reads on after an entry and after a line.
pub async fn log(
    desk: &Desk,
    reader: &Reader,
    id: TaskId,
    after_entry: u64,
    after_line: u32,
) -> Result<TaskLog, Failure> {
    let task = task_show::show(desk, reader, id).await?.task;
    let of = (task.ticket, id);
    let (mut entries, mut lines) = tokio::try_join!(
        entry::of_task(&desk.store, of, after_entry, ENTRIES + 1),
        task_line::after(&desk.store, id, after_line, LINES + 1),
    )?;
    let more = entries.len() > ENTRIES as usize || lines.len() > LINES as usize;
    entries.truncate(ENTRIES as usize);
    lines.truncate(LINES as usize);
    Ok(TaskLog { task: id, entries, lines, more })
}
