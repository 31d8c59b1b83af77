//! `GET /v1/notices/behind`

use super::{bearer::TheBot, extract::Asked};
use crate::{
    desk::Desk,
    service::{Failure, notices_behind as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{notice::NoticesBehind, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Wait so many seconds for the first, up to 25.
    wait_s: u64,
}

/// Notices that chat does not show as they are. For the bot.
#[utoipa::path(
    get,
    path = "/v1/notices/behind",
    tag = "notices",
    params(Query),
    responses(
        (status = 200, body = NoticesBehind),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn notices_behind(
    State(desk): State<Arc<Desk>>,
    _bot: TheBot,
    Asked(query): Asked<Query>,
) -> Result<Json<NoticesBehind>, Failure> {
    Ok(Json(verb::behind(&desk, query.wait_s).await?))
}
