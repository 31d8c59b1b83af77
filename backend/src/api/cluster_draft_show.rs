//! `GET /v1/cluster-drafts/{id}`

use super::extract::{At, DraftId};
use crate::{
    desk::Desk,
    service::{Caller, Failure, cluster_draft_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{cluster::BuildDraftView, problem::Problem};
use std::sync::Arc;

/// A request for a cluster of one's own, as far as it is filled in, and what it would come to.
#[utoipa::path(
    get,
    path = "/v1/cluster-drafts/{id}",
    tag = "clusters",
    params(
        ("id" = String, Path, description = "Its id"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = BuildDraftView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_draft_show(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(DraftId(id)): At<DraftId>,
) -> Result<Json<BuildDraftView>, Failure> {
    Ok(Json(verb::show(&desk, &caller, &id).await?))
}
