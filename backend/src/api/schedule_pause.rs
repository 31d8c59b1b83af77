//! `POST /v1/schedules/{id}/pause`

use super::{
    extract::At,
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, schedule_pause as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::ScheduleId,
    wire::{problem::Problem, schedule::ScheduleView},
};
use std::sync::Arc;

/// A schedule files nothing until it is resumed.
#[utoipa::path(
    post,
    path = "/v1/schedules/{id}/pause",
    tag = "schedules",
    params(
        ("id" = String, Path, description = "Its number: `S-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = ScheduleView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn schedule_pause(
    State(desk): State<Arc<Desk>>,
    At(id): At<ScheduleId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::pause(&desk, &posted.caller, &posted.done.once, id).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
