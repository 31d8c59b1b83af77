//! `POST /v1/schedules`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, schedule_add as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    problem::Problem,
    schedule::{ScheduleAdd, ScheduleAdded},
};
use std::sync::Arc;

/// A ticket that is filed again and again. The SQL of its next run is reviewed and shown; an error refuses it.
#[utoipa::path(
    post,
    path = "/v1/schedules",
    tag = "schedules",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = ScheduleAdd,
    responses(
        (status = 201, body = ScheduleAdded),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn schedule_add(
    State(desk): State<Arc<Desk>>,
    posted: Posted<ScheduleAdd>,
) -> Result<Response, Failure> {
    let result = verb::add(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
