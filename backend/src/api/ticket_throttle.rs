//! `POST /v1/tickets/{id}/throttle`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, ticket_throttle as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::TicketId,
    wire::{problem::Problem, throttle::TicketThrottle, ticket::TicketView},
};
use std::sync::Arc;

/// A DBA sets the lag and load above which a running online change waits. What is left out is as configured again.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/throttle",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Its number: `T-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = TicketThrottle,
    responses(
        (status = 200, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_throttle(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    posted: Posted<TicketThrottle>,
) -> Result<Response, Failure> {
    let result = verb::throttle(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
