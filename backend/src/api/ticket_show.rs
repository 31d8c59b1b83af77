//! `GET /v1/tickets/{id}`

use super::extract::At;
use crate::{
    desk::Desk,
    service::{Failure, Reader, ticket_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::TicketId,
    wire::{problem::Problem, ticket::TicketView},
};
use std::sync::Arc;

/// One ticket in full, its review in the language of `Accept-Language`.
#[utoipa::path(
    get,
    path = "/v1/tickets/{id}",
    tag = "tickets",
    params(("id" = String, Path, description = "Its number: `T-42` or `42`")),
    responses(
        (status = 200, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_show(
    State(desk): State<Arc<Desk>>,
    At(id): At<TicketId>,
    reader: Reader,
) -> Result<Json<TicketView>, Failure> {
    Ok(Json(verb::show(&desk, &reader, id).await?))
}
