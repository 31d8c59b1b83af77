//! One task.

use super::{Failure, Reader, standing};
use crate::desk::Desk;
use dbdesk_commands::{
    id::TaskId,
    lang::said,
    wire::{
        problem::{Code, Refusal},
        queue::TaskLine,
    },
};
use dbdesk_store::{task, ticket};

/// Shows it.
pub async fn show(desk: &Desk, reader: &Reader, id: TaskId) -> Result<TaskLine, Failure> {
    let line = task::line(&desk.store, id).await?.ok_or_else(|| no_task(id))?;
    let row = ticket::get(&desk.store, line.task.ticket).await?.ok_or_else(|| no_task(id))?;
    match standing::seen(desk, reader, &row).await {
        Ok(()) => Ok(line),
        // Not even of which ticket it is.
        Err(Failure::Refused(_)) => Err(no_task(id).into()),
        Err(error) => Err(error),
    }
}

pub(super) fn no_task(id: TaskId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        said!(
            "There is no task {id}. `/task list` shows the tasks there are.",
            "没有任务 {id}。可以用 `/task list` 查看现有任务。"
        ),
    )
}
