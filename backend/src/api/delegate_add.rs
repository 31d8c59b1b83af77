//! `POST /v1/delegations`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, delegate_add as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    delegation::{DelegateAdd, DelegationView},
    problem::Problem,
};
use std::sync::Arc;

/// Somebody stands in while a person is away.
#[utoipa::path(
    post,
    path = "/v1/delegations",
    tag = "people",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = DelegateAdd,
    responses(
        (status = 201, body = DelegationView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delegate_add(
    State(desk): State<Arc<Desk>>,
    posted: Posted<DelegateAdd>,
) -> Result<Response, Failure> {
    let result = verb::add(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
