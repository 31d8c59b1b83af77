//! `POST /v1/clusters/check`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, cluster_check as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    cluster::{BuildCheck, BuildRequest},
    problem::Problem,
};
use std::sync::Arc;

/// What a request for a cluster would come to: everything that is wrong with it, or its steps; and a picture. Nothing is filed.
#[utoipa::path(
    post,
    path = "/v1/clusters/check",
    tag = "clusters",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = BuildRequest,
    responses(
        (status = 200, body = BuildCheck),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_check(
    State(desk): State<Arc<Desk>>,
    posted: Posted<BuildRequest>,
) -> Result<Response, Failure> {
    let result = verb::check(&desk, &posted.caller, posted.body).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
