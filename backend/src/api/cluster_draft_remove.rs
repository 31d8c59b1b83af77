//! `DELETE /v1/cluster-drafts/{id}`

use super::extract::{At, DraftId};
use crate::{
    desk::Desk,
    service::{Caller, Failure, cluster_draft_remove as verb},
};
use axum::{extract::State, http::StatusCode};
use dbdesk_commands::wire::problem::Problem;
use std::sync::Arc;

/// Forgets a request for a cluster of one's own.
#[utoipa::path(
    delete,
    path = "/v1/cluster-drafts/{id}",
    tag = "clusters",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 204),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_draft_remove(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(DraftId(id)): At<DraftId>,
) -> Result<StatusCode, Failure> {
    verb::remove(&desk, &caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
