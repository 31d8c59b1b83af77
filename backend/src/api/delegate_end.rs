//! `POST /v1/delegations/{id}/end`

use super::{
    extract::At,
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, delegate_end as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::DelegationId,
    wire::{delegation::DelegationView, problem::Problem},
};
use std::sync::Arc;

/// A delegation ends before its time.
#[utoipa::path(
    post,
    path = "/v1/delegations/{id}/end",
    tag = "people",
    params(
        ("id" = String, Path, description = "Its number: `D-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = DelegationView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delegate_end(
    State(desk): State<Arc<Desk>>,
    At(id): At<DelegationId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::end(&desk, &posted.caller, &posted.done.once, id).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
