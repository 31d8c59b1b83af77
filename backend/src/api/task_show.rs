//! `GET /v1/tasks/{id}`

use super::extract::At;
use crate::{
    desk::Desk,
    service::{Failure, Reader, task_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::TaskId,
    wire::{problem::Problem, queue::TaskLine},
};
use std::sync::Arc;

/// One task.
#[utoipa::path(
    get,
    path = "/v1/tasks/{id}",
    tag = "tasks",
    params(("id" = String, Path, description = "Its number: `K-42` or `42`")),
    responses(
        (status = 200, body = TaskLine),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn task_show(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(id): At<TaskId>,
) -> Result<Json<TaskLine>, Failure> {
    Ok(Json(verb::show(&desk, &reader, id).await?))
}
