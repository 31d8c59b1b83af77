//! `POST /v1/accounts/{id}/rotate`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, account_rotate as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::AccountId,
    wire::{account::AccountRotate, problem::Problem, ticket::TicketView},
};
use std::sync::Arc;

/// Gives an account another password, which its owner is handed once; the one before goes on for a while. Answers with the ticket.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/rotate",
    tag = "accounts",
    params(
        ("id" = String, Path, description = "Its number: `A-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = AccountRotate,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn account_rotate(
    State(desk): State<Arc<Desk>>,
    At(id): At<AccountId>,
    posted: Posted<AccountRotate>,
) -> Result<Response, Failure> {
    let result = verb::rotate(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
