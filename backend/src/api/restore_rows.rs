//! `POST /v1/restores`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, restore_rows as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    problem::Problem,
    restore::{RestoreRows, RestoreView},
};
use std::sync::Arc;

/// Reads in the binary log of the group's primary what was changed in a table's rows in a time, over whatever connection, and by whom
/// where the server tells. Nothing is filed.
#[utoipa::path(
    post,
    path = "/v1/restores",
    tag = "restores",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = RestoreRows,
    responses(
        (status = 201, body = RestoreView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn restore_rows(
    State(desk): State<Arc<Desk>>,
    posted: Posted<RestoreRows>,
) -> Result<Response, Failure> {
    let result = verb::look(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
