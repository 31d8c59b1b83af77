//! Tasks, newest first.

use super::{Failure, Reader, reviewing::any_group, standing};
use crate::desk::Desk;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::{
        queue::{TaskPage, Which},
        task::TaskState,
    },
};
use dbdesk_store::task::{self, Filter, Order};

/// The most of one page.
pub const MOST: u32 = 50;

/// What a process holds.
pub(super) const HELD: [TaskState; 2] = [TaskState::Running, TaskState::Paused];

/// Which tasks are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Only of these.
    pub which: Which,
    /// Only in this state.
    pub state: Option<TaskState>,
    /// Only of this ticket.
    pub ticket: Option<TicketId>,
    /// Only of this service group.
    pub service_group: Option<String>,
    /// Only on this machine.
    pub host: Option<String>,
    /// Only older than this one.
    pub before: Option<TaskId>,
    /// At most so many.
    pub limit: u32,
}

/// Lists them.
pub async fn list(desk: &Desk, reader: &Reader, asked: Asked) -> Result<TaskPage, Failure> {
    let within = reader.within();
    let group = match &asked.service_group {
        Some(name) => Some(any_group(desk, within, name).await?.id),
        None => None,
    };
    let limit = asked.limit.clamp(1, MOST);
    let filter = Filter {
        sight: standing::sight_of(desk, reader).await?,
        ticket: asked.ticket,
        states: states(asked.which, asked.state),
        group,
        within: within.clone(),
        host: asked.host,
        silent: asked.which == Which::Silent,
        before: asked.before,
        order: Order::Newest,
        // One more than asked for tells whether there is a next page.
        limit: limit + 1,
    };
    let mut tasks = task::page(&desk.store, &filter).await?;
    let more = tasks.len() > limit as usize;
    tasks.truncate(limit as usize);
    let next_before = tasks.last().map(|line| line.task.id).filter(|_| more);
    Ok(TaskPage { tasks, next_before })
}

fn states(which: Which, state: Option<TaskState>) -> Vec<TaskState> {
    match (state, which) {
        (Some(state), _) => vec![state],
        (None, Which::Open) => TaskState::ALL.into_iter().filter(|state| !state.is_final()).collect(),
        (None, Which::Ended) => TaskState::ALL.into_iter().filter(|state| state.is_final()).collect(),
        (None, Which::Running | Which::Silent) => HELD.to_vec(),
        (None, Which::All) => Vec::new(),
    }
}
