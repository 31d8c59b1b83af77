//! What waits, what runs, and where.

use super::{Failure, Reader, standing::sight_of, task_list::HELD};
use crate::desk::Desk;
use dbdesk_commands::wire::{
    queue::{QueueCounts, QueueView},
    task::TaskState,
};
use dbdesk_store::{
    standing::{self, Open},
    task::{self, Filter, Order},
};

/// Most that run, and most that are due.
const MOST: u32 = 50;
/// Most that wait for their time.
const WAITING: u32 = 20;

/// Looks at all of it.
pub async fn show(desk: &Desk, reader: &Reader) -> Result<QueueView, Failure> {
    let within = reader.within();
    let store = &desk.store;
    let sight = sight_of(desk, reader).await?;
    let list = |states: &[TaskState], order, limit| Filter {
        sight: sight.clone(),
        states: states.to_vec(),
        order,
        limit,
        within: within.clone(),
        ..Filter::default()
    };
    let (running, ready, waiting) = (
        list(&HELD, Order::Running, MOST),
        list(&[TaskState::Ready], Order::Starting, MOST),
        list(&[TaskState::Waiting], Order::Due, WAITING),
    );
    let (open, machines) = tokio::try_join!(standing::open(store, within), standing::machines(store))?;
    let (running, ready, waiting) = tokio::try_join!(
        task::page(store, &running),
        task::page(store, &ready),
        task::page(store, &waiting)
    )?;
    Ok(QueueView { counts: counts(&open), machines, running, ready, waiting })
}

fn counts(open: &[Open]) -> QueueCounts {
    let mut counts = QueueCounts::default();
    for row in open {
        let (tasks, held) = (u64::try_from(row.tasks).unwrap_or(0), u64::try_from(row.held).unwrap_or(0));
        counts.silent += u64::try_from(row.silent).unwrap_or(0);
        match TaskState::of_word(&row.state) {
            Some(TaskState::Waiting) => {
                counts.waiting += tasks - held;
                counts.held += held;
            }
            Some(TaskState::Ready) => {
                counts.ready += tasks - held;
                counts.held += held;
            }
            Some(TaskState::Running) => counts.running += tasks,
            Some(TaskState::Paused) => counts.paused += tasks,
            _ => {}
        }
    }
    counts
}
