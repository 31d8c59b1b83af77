//! `POST /v1/emergencies/{id}/review`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, emergency_review as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::EmergencyId,
    wire::{
        emergency::{EmergencyReview, EmergencyView},
        problem::Problem,
    },
};
use std::sync::Arc;

/// Somebody else has looked at what was done in an emergency.
#[utoipa::path(
    post,
    path = "/v1/emergencies/{id}/review",
    tag = "emergencies",
    params(
        ("id" = String, Path, description = "Its number: `EM-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = EmergencyReview,
    responses(
        (status = 200, body = EmergencyView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn emergency_review(
    State(desk): State<Arc<Desk>>,
    At(id): At<EmergencyId>,
    posted: Posted<EmergencyReview>,
) -> Result<Response, Failure> {
    let result = verb::review(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
