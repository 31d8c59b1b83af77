//! `POST /v1/tickets/{id}/collect`

use super::{
    extract::At,
    posted::{Nothing, Posted, hand_over},
};
use crate::{
    desk::Desk,
    service::{Failure, ticket_collect as verb},
};
use axum::{extract::State, response::Response};
use dbdesk_commands::{
    id::TicketId,
    wire::{account::Collected, problem::Problem},
};
use std::sync::Arc;

/// Hands the password over that this ticket made: once, to the one who asked for it, within some hours. The answer is kept nowhere; the same
/// key again is answered with the ticket.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/collect",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Its number: `T-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = Collected),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_collect(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let Nothing {} = posted.body;
    match verb::collect(&desk, &posted.caller, &posted.done.once, id).await {
        Ok((_, collected)) => hand_over(&collected),
        Err(failure) => {
            posted.done.answer::<Collected>(&desk, axum::http::StatusCode::OK, Err(failure)).await
        }
    }
}
