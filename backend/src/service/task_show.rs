//! One task.

use super::Failure;
use crate::desk::Desk;
use dbdesk_commands::{
    id::TaskId,
    lang::said,
    wire::{
        problem::{Code, Refusal},
        task::TaskView,
    },
};
use dbdesk_store::task;

/// Shows it.
pub async fn show(desk: &Desk, id: TaskId) -> Result<TaskView, Failure> {
    let row = task::get(&desk.store, id).await?.ok_or_else(|| {
        Refusal::new(
            Code::NotFound,
            said!(
                "There is no task {id}. `/task list` shows the tasks there are.",
                "没有任务 {id}。可以用 `/task list` 查看现有任务。"
            ),
        )
    })?;
    Ok(row.view())
}
