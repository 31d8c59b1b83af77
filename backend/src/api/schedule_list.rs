//! `GET /v1/schedules`

use super::extract::{Asked, Named as _};
use crate::{
    desk::Desk,
    service::{
        Caller, Failure,
        schedule_list::{self as verb, MOST},
    },
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::ScheduleId,
    wire::{problem::Problem, schedule::SchedulePage},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Whose schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Whose {
    /// The caller's own.
    Mine,
    /// Everybody's.
    #[default]
    All,
}

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// `mine` or `all` (default).
    #[param(inline)]
    which: Whose,
    /// Only older than this one: `next_before` of the page before.
    before: Option<String>,
    /// At most so many, up to 50.
    limit: Option<u32>,
}

/// Schedules, newest first.
#[utoipa::path(
    get,
    path = "/v1/schedules",
    tag = "schedules",
    params(Query),
    responses(
        (status = 200, body = SchedulePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn schedule_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Asked(query): Asked<Query>,
) -> Result<Json<SchedulePage>, Failure> {
    let before = query.before.as_deref().map(ScheduleId::named).transpose()?;
    let (mine, limit) = (query.which == Whose::Mine, query.limit.unwrap_or(MOST));
    Ok(Json(verb::list(&desk, &caller, mine, before, limit).await?))
}
