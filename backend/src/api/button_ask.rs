//! `GET /v1/buttons/{id}`

use super::extract::At;
use crate::{
    desk::Desk,
    service::{Caller, Failure, button_ask as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::ButtonId,
    wire::{button::ButtonAsk, problem::Problem},
};
use std::sync::Arc;

/// What a button asks of the one who pressed it; refused at once where he may not press it.
#[utoipa::path(
    get,
    path = "/v1/buttons/{id}",
    tag = "buttons",
    params(("id" = String, Path, description = "Its opaque id")),
    responses(
        (status = 200, body = ButtonAsk),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn button_ask(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(id): At<ButtonId>,
) -> Result<Json<ButtonAsk>, Failure> {
    Ok(Json(verb::ask(&desk, &caller, id).await?))
}
