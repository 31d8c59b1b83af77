//! `GET /v1/cluster-drafts/{id}/picture.png`

use super::extract::{At, DraftId};
use crate::{
    desk::Desk,
    service::{Caller, Failure, cluster_draft_picture as verb},
};
use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use dbdesk_commands::wire::problem::Problem;
use std::sync::Arc;

/// The group that a request would build, as far as it is filled in: its layers from DNS down to its servers.
#[utoipa::path(
    get,
    path = "/v1/cluster-drafts/{id}/picture.png",
    tag = "clusters",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/png"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_draft_picture(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(DraftId(id)): At<DraftId>,
) -> Result<Response, Failure> {
    let png = verb::picture(&desk, &caller, &id).await?;
    Ok(([(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, "no-store")], png).into_response())
}
