//! `POST /v1/databases`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, database_request as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{account::DatabaseRequest, problem::Problem, ticket::TicketView};
use std::sync::Arc;

/// Asks for a database on a service group. Files a ticket.
#[utoipa::path(
    post,
    path = "/v1/databases",
    tag = "accounts",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = DatabaseRequest,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn database_request(
    State(desk): State<Arc<Desk>>,
    posted: Posted<DatabaseRequest>,
) -> Result<Response, Failure> {
    let result = verb::request(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
