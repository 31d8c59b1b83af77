//! `POST /v1/buttons/{id}/press`

use super::{
    extract::At,
    posted::{Posted, hand_over},
};
use crate::{
    desk::Desk,
    service::{Failure, button_press as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::ButtonId,
    wire::{
        button::{ButtonPress, ButtonPressed},
        problem::Problem,
    },
};
use std::sync::Arc;

/// Presses a button; only the field that its form asks for is read.
#[utoipa::path(
    post,
    path = "/v1/buttons/{id}/press",
    tag = "buttons",
    params(
        ("id" = String, Path, description = "Its opaque id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = ButtonPress,
    responses(
        (status = 200, body = ButtonPressed),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn button_press(
    State(desk): State<Arc<Desk>>,
    At(id): At<ButtonId>,
    posted: Posted<ButtonPress>,
) -> Result<Response, Failure> {
    let result = verb::press(&desk, &posted.caller, &posted.done.once, id, posted.body).await;
    match result {
        Ok(pressed) if pressed.collected.is_some() => hand_over(&pressed),
        result => posted.done.answer(&desk, StatusCode::OK, result).await,
    }
}
