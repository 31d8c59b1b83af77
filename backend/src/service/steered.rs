//! What only work can be told that can be slowed down or held in the middle of a statement: changes of tables by a tool.

use super::{Failure, refuse, step::Step};
use dbdesk_store::{
    revision,
    task::{self, TaskRow},
};

/// The ticket's task, locked; refused where nothing that is left of it is changed online.
pub(super) async fn online(step: &mut Step) -> Result<TaskRow, Failure> {
    let id = step.task()?;
    let task = task::lock(&mut step.tx, id).await?;
    let task = task.ok_or_else(|| anyhow::anyhow!("task {id} of {} is gone", step.row.id))?;
    let online = revision::online(&mut *step.tx, step.row.id, task.revision).await?;
    if !is_left(&online, task.done) {
        return Err(refuse::nothing_online(step.row.id, step.verb).into());
    }
    Ok(task)
}

/// Whether one of these statements has not run yet, where so many have.
pub(super) fn is_left(online: &[u32], done: u32) -> bool {
    online.iter().any(|index| *index >= done)
}
