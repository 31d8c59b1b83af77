//! `GET /v1/live`

use super::{bearer::TheBot, extract::Asked};
use crate::{
    desk::Desk,
    service::{Failure, live as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{live::LivePage, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// From where on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// The `cursor` of the answer before: wait for what differs from it.
    after: u64,
    /// Wait so many seconds for news, up to 25.
    wait_s: u64,
}

/// How far all running work is. For the bot.
#[utoipa::path(
    get,
    path = "/v1/live",
    tag = "cards",
    params(Query),
    responses(
        (status = 200, body = LivePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn live(
    State(desk): State<Arc<Desk>>,
    _bot: TheBot,
    Asked(query): Asked<Query>,
) -> Result<Json<LivePage>, Failure> {
    Ok(Json(verb::page(&desk, query.after, query.wait_s).await?))
}
