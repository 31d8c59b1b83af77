//! What only work can be told that can be slowed down or held in the middle of a statement: changes of tables by a tool, and of many rows
//! in chunks.

use super::{Caller, Failure, refuse, step::Step};
use dbdesk_commands::wire::{cut_over::CutOver, entry::Event, ticket::TicketState};
use dbdesk_store::{
    cut_over,
    passed_over::{self, Left},
    revision::{self, Steered},
    task::{self, TaskRow},
    ticket::TicketChange,
};

/// The ticket's task, locked; refused where nothing that is left of it waits for lag and load.
pub(super) async fn waiting(step: &mut Step) -> Result<TaskRow, Failure> {
    task_of(step, |steered, left| is_left(&steered.online, left) || is_left(&steered.in_chunks, left)).await
}

/// The same; refused where nothing that is left of it is changed online.
async fn online(step: &mut Step) -> Result<TaskRow, Failure> {
    task_of(step, |steered, left| is_left(&steered.online, left)).await
}

async fn task_of(step: &mut Step, is_left: impl Fn(&Steered, &Left) -> bool) -> Result<TaskRow, Failure> {
    let id = step.task()?;
    let task = task::lock(&mut step.tx, id).await?;
    let task = task.ok_or_else(|| anyhow::anyhow!("task {id} of {} is gone", step.row.id))?;
    let steered = revision::steered(&mut *step.tx, step.row.id, task.revision).await?;
    let left = passed_over::left(&mut *step.tx, &task, task.done).await?;
    if !is_left(&steered, &left) {
        return Err(refuse::nothing_online(step.row.id, step.verb).into());
    }
    Ok(task)
}

/// Notes when the copy takes its table's place, and tells it.
pub(super) async fn cut_over(
    step: &mut Step,
    caller: &Caller,
    state: TicketState,
    when: CutOver,
) -> Result<(), Failure> {
    let task = online(step).await?;
    if task.cuts_over {
        return Err(refuse::cuts_over(step.row.id, step.verb).into());
    }
    if when == CutOver::Quiet && step.group.quiet_windows.is_empty() {
        return Err(refuse::no_window_to_cut_over(&step.group).into());
    }
    if !cut_over::ask(&mut step.tx, task.id, when).await? {
        return Err(step.just_started());
    }
    let change = TicketChange { state, ..step.row.now.clone() };
    step.save(caller, change, Some(task.id), &Event::CutOverAsked { by: caller.actor(), when }).await
}

/// Whether one of these statements is left.
fn is_left(statements: &[u32], left: &Left) -> bool {
    statements.iter().any(|index| left.has(*index))
}
