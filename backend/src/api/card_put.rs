//! `PUT /v1/tickets/{id}/card`

use super::{bearer::TheBot, extract::At, posted::Put};
use crate::{
    desk::Desk,
    service::{Failure, card_put as verb},
};
use axum::{extract::State, http::StatusCode};
use dbdesk_commands::{
    id::TicketId,
    wire::{card::CardPlace, problem::Problem},
};
use std::sync::Arc;

/// Notes where a ticket's card is and how much of the story stands there. For the bot.
#[utoipa::path(
    put,
    path = "/v1/tickets/{id}/card",
    tag = "cards",
    params(("id" = String, Path, description = "Its number: `T-42` or `42`")),
    request_body = CardPlace,
    responses(
        (status = 204),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn card_put(
    State(desk): State<Arc<Desk>>,
    _bot: TheBot,
    At(id): At<TicketId>,
    Put(place): Put<CardPlace>,
) -> Result<StatusCode, Failure> {
    verb::put(&desk, id, &place).await?;
    Ok(StatusCode::NO_CONTENT)
}
