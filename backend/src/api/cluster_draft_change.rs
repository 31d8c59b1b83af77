//! `PUT /v1/cluster-drafts/{id}`

use super::{
    extract::{At, DraftId},
    posted::Put,
};
use crate::{
    desk::Desk,
    service::{Caller, Failure, cluster_draft_change as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{
    cluster::{BuildDraftPut, BuildDraftView},
    problem::Problem,
};
use std::sync::Arc;

/// Fills in a request for a cluster further. What is wrong with it is told, and kept as it was typed.
#[utoipa::path(
    put,
    path = "/v1/cluster-drafts/{id}",
    tag = "clusters",
    params(
        ("id" = String, Path, description = "Its id"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = BuildDraftPut,
    responses(
        (status = 200, body = BuildDraftView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_draft_change(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(DraftId(id)): At<DraftId>,
    Put(body): Put<BuildDraftPut>,
) -> Result<Json<BuildDraftView>, Failure> {
    Ok(Json(verb::change(&desk, &caller, &id, body).await?))
}
