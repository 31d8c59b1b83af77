//! `POST /v1/tickets`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, ticket_submit as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    problem::Problem,
    ticket::{TicketSubmit, TicketView},
};
use std::sync::Arc;

/// Files a ticket: reviewed at once, and approved by policy where nobody is needed.
#[utoipa::path(
    post,
    path = "/v1/tickets",
    tag = "tickets",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = TicketSubmit,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_submit(
    State(desk): State<Arc<Desk>>,
    posted: Posted<TicketSubmit>,
) -> Result<Response, Failure> {
    let result = verb::submit(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
