//! `POST /v1/reviews`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, review_make as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    problem::Problem,
    review::{ReviewRequest, StatementReview},
};
use std::sync::Arc;

/// The same review as for a ticket; nothing is filed.
#[utoipa::path(
    post,
    path = "/v1/reviews",
    tag = "reviews",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = ReviewRequest,
    responses(
        (status = 200, body = Vec<StatementReview>),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn review_make(
    State(desk): State<Arc<Desk>>,
    posted: Posted<ReviewRequest>,
) -> Result<Response, Failure> {
    let result = verb::make(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
