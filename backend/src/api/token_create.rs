//! `POST /v1/tokens`

use super::posted::Posted;
use crate::{
    desk::Desk,
    service::{Failure, token_create as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{
    problem::Problem,
    token::{TokenCreate, TokenMade},
};
use std::sync::Arc;

/// Makes a token for oneself, or as an admin for another: never one that may more, reaches more or lasts longer than the one that
/// asks. It is shown this once. Not for the bot.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    tag = "tokens",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once; the answer to the second has no token")),
    request_body = TokenCreate,
    responses(
        (status = 201, body = TokenMade),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn token_create(
    State(desk): State<Arc<Desk>>,
    posted: Posted<TokenCreate>,
) -> Result<Response, Failure> {
    let result = verb::create(&desk, &posted.caller, &posted.done.once, posted.body).await;
    posted.done.answer_once(&desk, StatusCode::CREATED, result).await
}
