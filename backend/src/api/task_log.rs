//! `GET /v1/tasks/{id}/log`

use super::extract::{Asked, At};
use crate::{
    desk::Desk,
    service::{Failure, Reader, task_log as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::TaskId,
    wire::{problem::Problem, queue::TaskLog},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// From where.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only entries after this one: the `id` of the last one read.
    after_entry: u64,
    /// Only lines after this one: the `seq` of the last one read.
    after_line: u32,
}

/// What happened to a task, and what its process had to say.
#[utoipa::path(
    get,
    path = "/v1/tasks/{id}/log",
    tag = "tasks",
    params(("id" = String, Path, description = "Its number: `K-42` or `42`"), Query),
    responses(
        (status = 200, body = TaskLog),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn task_log(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(id): At<TaskId>,
    Asked(query): Asked<Query>,
) -> Result<Json<TaskLog>, Failure> {
    Ok(Json(verb::log(&desk, &reader, id, query.after_entry, query.after_line).await?))
}
