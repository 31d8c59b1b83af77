//! `POST /v1/emergencies/{id}/end`

use super::{
    extract::At,
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, emergency_off as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::EmergencyId,
    wire::{emergency::EmergencyView, problem::Problem},
};
use std::sync::Arc;

/// An emergency ends before its time.
#[utoipa::path(
    post,
    path = "/v1/emergencies/{id}/end",
    tag = "emergencies",
    params(
        ("id" = String, Path, description = "Its number: `EM-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = EmergencyView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn emergency_off(
    State(desk): State<Arc<Desk>>,
    At(id): At<EmergencyId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::off(&desk, &posted.caller, &posted.done.once, id).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
