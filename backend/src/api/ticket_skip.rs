//! `POST /v1/tickets/{id}/skip`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, ticket_skip as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::TicketId,
    wire::{
        problem::Problem,
        ticket::{TicketConfirm, TicketView},
    },
};
use std::sync::Arc;

/// A DBA says that the statement ran in which a ticket was lost; it goes on after it.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/skip",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Its number: `T-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = TicketConfirm,
    responses(
        (status = 200, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_skip(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    posted: Posted<TicketConfirm>,
) -> Result<Response, Failure> {
    let result = verb::skip(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
