//! Tasks, newest first.

use super::Failure;
use crate::desk::Desk;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::task::{TaskPage, TaskState},
};
use dbdesk_store::task::{self, Filter};

/// The most of one page.
pub const MOST: u32 = 50;

/// Lists them.
pub async fn list(
    desk: &Desk,
    ticket: Option<TicketId>,
    state: Option<TaskState>,
    before: Option<TaskId>,
    limit: u32,
) -> Result<TaskPage, Failure> {
    let limit = limit.clamp(1, MOST);
    let filter = Filter { ticket, states: state.into_iter().collect(), before, limit: limit + 1 };
    let mut rows = task::page(&desk.store, &filter).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_before = rows.last().map(|row| row.id).filter(|_| more);
    Ok(TaskPage { tasks: rows.iter().map(task::TaskRow::view).collect(), next_before })
}
