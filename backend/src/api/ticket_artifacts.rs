//! `GET /v1/tickets/{id}/artifacts`

use super::extract::{Asked, At, task_of};
use crate::{
    desk::Desk,
    service::{Failure, Reader, ticket_artifacts as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::TicketId,
    wire::{problem::Problem, script::ArtifactPage},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Of which task.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// `K-42` or `42`; left out, the newest that has any.
    task: Option<String>,
}

/// The files that a script has handed over, at most 8 MB; they are kept for a week.
#[utoipa::path(
    get,
    path = "/v1/tickets/{id}/artifacts",
    tag = "scripts",
    params(("id" = String, Path, description = "Its number: `T-42` or `42`"), Query),
    responses(
        (status = 200, body = ArtifactPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_artifacts(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(id): At<TicketId>,
    Asked(query): Asked<Query>,
) -> Result<Json<ArtifactPage>, Failure> {
    let task = task_of(query.task.as_deref())?;
    Ok(Json(verb::artifacts(&desk, &reader, id, task).await?))
}
