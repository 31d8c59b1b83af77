//! `PUT /v1/notices/{id}/card`

use super::{bearer::TheBot, extract::At, posted::Put};
use crate::{
    desk::Desk,
    service::{Failure, notice_put as verb},
};
use axum::{extract::State, http::StatusCode};
use dbdesk_commands::{
    id::NoticeId,
    wire::{notice::NoticePlace, problem::Problem},
};
use std::sync::Arc;

/// Notes where a notice stands, and which version of it. For the bot.
#[utoipa::path(
    put,
    path = "/v1/notices/{id}/card",
    tag = "notices",
    params(("id" = String, Path, description = "Its number: `N-42` or `42`")),
    request_body = NoticePlace,
    responses(
        (status = 204),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notice_put(
    State(desk): State<Arc<Desk>>,
    _bot: TheBot,
    At(id): At<NoticeId>,
    Put(place): Put<NoticePlace>,
) -> Result<StatusCode, Failure> {
    verb::put(&desk, id, &place).await?;
    Ok(StatusCode::NO_CONTENT)
}
