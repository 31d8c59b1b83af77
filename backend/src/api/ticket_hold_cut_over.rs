//! `POST /v1/tickets/{id}/hold-cut-over`

use super::{
    extract::At,
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, ticket_hold_cut_over as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::TicketId,
    wire::{problem::Problem, ticket::TicketView},
};
use std::sync::Arc;

/// A DBA keeps the copy of a table that is changed online from taking the table's place, until he lets it (`cut-over`). A new try of the
/// ticket goes by the configuration.
#[utoipa::path(
    post,
    path = "/v1/tickets/{id}/hold-cut-over",
    tag = "tickets",
    params(
        ("id" = String, Path, description = "Its number: `T-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_hold_cut_over(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::hold_cut_over(&desk, &posted.caller, &posted.done.once, id).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
