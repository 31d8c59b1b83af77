//! `POST /v1/freezes`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, freeze_on as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    freeze::{FreezeOn, FreezeView},
    problem::Problem,
};
use std::sync::Arc;

/// A DBA orders that nothing starts, in a group or anywhere.
#[utoipa::path(
    post,
    path = "/v1/freezes",
    tag = "freezes",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = FreezeOn,
    responses(
        (status = 201, body = FreezeView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn freeze_on(
    State(desk): State<Arc<Desk>>,
    posted: Posted<FreezeOn>,
) -> Result<Response, Failure> {
    let result = verb::on(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
