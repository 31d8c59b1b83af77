//! `POST /v1/notice-buttons/{id}/press`

use super::{
    extract::{At, NoticeButtonId},
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, notice_press as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::ButtonId,
    wire::{notice::NoticePressed, problem::Problem},
};
use std::sync::Arc;

/// Presses a button of a notice.
#[utoipa::path(
    post,
    path = "/v1/notice-buttons/{id}/press",
    tag = "notices",
    params(
        ("id" = String, Path, description = "Its opaque id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = NoticePressed),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notice_press(
    State(desk): State<Arc<Desk>>,
    At(NoticeButtonId(id)): At<NoticeButtonId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::press(&desk, &posted.caller, &posted.done.once, ButtonId(id)).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
