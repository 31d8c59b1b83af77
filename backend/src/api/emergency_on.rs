//! `POST /v1/emergencies`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, emergency_on as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    emergency::{EmergencyOn, EmergencyView},
    problem::Problem,
};
use std::sync::Arc;

/// A DBA acts without approval on one service group for a while, loudly.
#[utoipa::path(
    post,
    path = "/v1/emergencies",
    tag = "emergencies",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = EmergencyOn,
    responses(
        (status = 201, body = EmergencyView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn emergency_on(
    State(desk): State<Arc<Desk>>,
    posted: Posted<EmergencyOn>,
) -> Result<Response, Failure> {
    let result = verb::on(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
