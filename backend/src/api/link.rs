//! `POST /v1/links`

use super::{
    bearer::{TheBot, lang_of},
    posted::Put,
};
use crate::{
    desk::Desk,
    service::{Failure, link as verb},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use dbdesk_commands::wire::{
    link::{LinkAsk, LinkAsked},
    problem::Problem,
};
use std::sync::Arc;

/// A Discord user asks to be linked to a person; an admin decides. For the bot. The same again while it is open changes nothing, so it takes
/// no `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/v1/links",
    tag = "people",
    request_body = LinkAsk,
    responses(
        (status = 202, body = LinkAsked),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn link(
    State(desk): State<Arc<Desk>>,
    _bot: TheBot,
    headers: HeaderMap,
    Put(body): Put<LinkAsk>,
) -> Result<(StatusCode, Json<LinkAsked>), Failure> {
    Ok((StatusCode::ACCEPTED, Json(verb::link(&desk, lang_of(&headers), body).await?)))
}
