//! `POST /v1/restores/{id}/file`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, restore_file as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::RestoreId,
    wire::{problem::Problem, restore::RestoreFile, ticket::TicketView},
};
use std::sync::Arc;

/// Files a ticket that brings back what was looked at; a second person approves it. Rows that changed since are left as they are, and
/// named in its log.
#[utoipa::path(
    post,
    path = "/v1/restores/{id}/file",
    tag = "restores",
    params(
        ("id" = String, Path, description = "Its number: `R-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = RestoreFile,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn restore_file(
    State(desk): State<Arc<Desk>>,
    At(id): At<RestoreId>,
    posted: Posted<RestoreFile>,
) -> Result<Response, Failure> {
    let result = verb::file_it(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
