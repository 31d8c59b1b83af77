//! `POST /v1/cluster-drafts`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, cluster_draft_make as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    cluster::{BuildDraft, BuildDraftView},
    problem::Problem,
};
use std::sync::Arc;

/// Begins a request for a cluster that is filled in bit by bit. It is forgotten a day after its last change.
#[utoipa::path(
    post,
    path = "/v1/cluster-drafts",
    tag = "clusters",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = BuildDraft,
    responses(
        (status = 201, body = BuildDraftView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_draft_make(
    State(desk): State<Arc<Desk>>,
    posted: Posted<BuildDraft>,
) -> Result<Response, Failure> {
    let result = verb::make(&desk, &posted.caller, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
