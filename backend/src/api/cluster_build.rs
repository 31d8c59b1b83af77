//! `POST /v1/clusters`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, cluster_build as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{cluster::BuildRequest, problem::Problem, ticket::TicketView};
use std::sync::Arc;

/// Asks for a cluster. Its group is in the inventory from then on, so that its name and addresses are taken; the ticket builds it.
#[utoipa::path(
    post,
    path = "/v1/clusters",
    tag = "clusters",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = BuildRequest,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_build(
    State(desk): State<Arc<Desk>>,
    posted: Posted<BuildRequest>,
) -> Result<Response, Failure> {
    let result = verb::build(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
