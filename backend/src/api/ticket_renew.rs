//! `POST /v1/tickets/{id}/renew`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, ticket_renew as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::TicketId,
    wire::{account::AccountRenew, problem::Problem, ticket::TicketView},
};
use std::sync::Arc;

/// Lets the account that this ticket made live on: files a ticket, approved as policy wants it. Absent `until`: as long again as it was given for. Answers with the ticket.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/renew",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Its number: `T-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = AccountRenew,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_renew(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    posted: Posted<AccountRenew>,
) -> Result<Response, Failure> {
    let result = verb::renew(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
