//! `GET /v1/queue`

use crate::{
    desk::Desk,
    service::{Failure, Reader, queue_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, queue::QueueView};
use std::sync::Arc;

/// What waits, what runs, and where.
#[utoipa::path(
    get,
    path = "/v1/queue",
    tag = "tasks",
    responses(
        (status = 200, body = QueueView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn queue_show(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
) -> Result<Json<QueueView>, Failure> {
    Ok(Json(verb::show(&desk, reader.within()).await?))
}
