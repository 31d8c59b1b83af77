//! `POST /v1/accounts/{id}/revoke`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, account_revoke as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::AccountId,
    wire::{account::AccountRevoke, problem::Problem, ticket::TicketView},
};
use std::sync::Arc;

/// Ends an account: it is locked at once with its sessions, and removed after some days. Answers with the ticket.
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/revoke",
    tag = "accounts",
    params(
        ("id" = String, Path, description = "Its number: `A-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = AccountRevoke,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn account_revoke(
    State(desk): State<Arc<Desk>>,
    At(id): At<AccountId>,
    posted: Posted<AccountRevoke>,
) -> Result<Response, Failure> {
    let result = verb::revoke(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
