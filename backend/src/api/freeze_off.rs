//! `POST /v1/freezes/{id}/end`

use super::{
    extract::At,
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, freeze_off as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::{
    id::FreezeId,
    wire::{freeze::FreezeView, problem::Problem},
};
use std::sync::Arc;

/// A DBA ends a freeze before its time.
#[utoipa::path(
    post,
    path = "/v1/freezes/{id}/end",
    tag = "freezes",
    params(
        ("id" = String, Path, description = "Its number: `F-42` or `42`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = FreezeView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn freeze_off(
    State(desk): State<Arc<Desk>>,
    At(id): At<FreezeId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::off(&desk, &posted.caller, &posted.done.once, id).await;
    posted.done.answer(&desk, StatusCode::OK, result).await
}
