//! One task.

use super::Failure;
use crate::desk::Desk;
use dbdesk_commands::{
    id::TaskId,
    lang::said,
    wire::{
        problem::{Code, Refusal},
        queue::TaskLine,
    },
};
use dbdesk_store::task;

/// Shows it.
pub async fn show(desk: &Desk, id: TaskId) -> Result<TaskLine, Failure> {
    task::line(&desk.store, id).await?.ok_or_else(|| no_task(id).into())
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
