//! `POST /v1/tickets/{id}/undo`

use super::{extract::At, posted::Posted};
use crate::{
    desk::Desk,
    service::{Failure, ticket_undo as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::TicketId,
    wire::{
        problem::Problem,
        ticket::{TicketUndo, TicketView},
    },
};
use std::sync::Arc;

/// Files a ticket that takes this one back, with SQL made from what was kept of it; a second person approves it. Rows that changed since are
/// left as they are, and named in its log. Answers with the new ticket.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/undo",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Its number: `T-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = TicketUndo,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_undo(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    posted: Posted<TicketUndo>,
) -> Result<Response, Failure> {
    let result = verb::undo(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
