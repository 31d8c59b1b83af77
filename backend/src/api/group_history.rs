//! `GET /v1/service-groups/{name}/history`

use super::extract::{Asked, At, GroupName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, group_history as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{group::GroupHistory, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    /// Only versions before this one.
    #[serde(default)]
    before: Option<u64>,
    /// The version that it was at this time (RFC 3339).
    #[serde(default)]
    at: Option<String>,
}

/// Every version that a service group had, newest first, at most 20: who changed what, when and why.
#[utoipa::path(
    get,
    path = "/v1/service-groups/{name}/history",
    tag = "service-groups",
    params(("name" = String, Path, description = "Its name"), Query),
    responses(
        (status = 200, body = GroupHistory),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn group_history(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(GroupName(name)): At<GroupName>,
    Asked(asked): Asked<Query>,
) -> Result<Json<GroupHistory>, Failure> {
    let wanted = verb::Wanted::read(asked.before, asked.at.as_deref())?;
    Ok(Json(verb::history(&desk, reader.within(), &name, wanted).await?))
}
