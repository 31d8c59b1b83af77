//! `POST /v1/accounts`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, account_request as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{account::AccountRequest, problem::Problem, ticket::TicketView};
use std::sync::Arc;

/// Asks for an account on a database. Its statements are made from these fields alone; its password is made by the desk, or a hash is given. Files a ticket.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "accounts",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = AccountRequest,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn account_request(
    State(desk): State<Arc<Desk>>,
    posted: Posted<AccountRequest>,
) -> Result<Response, Failure> {
    let result = verb::request(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
