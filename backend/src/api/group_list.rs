//! `GET /v1/service-groups`

use super::extract::Asked;
use crate::{
    desk::Desk,
    service::{Failure, Reader, group_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{group::GroupPage, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only those with this in their name, those that begin so first; at most 25.
    prefix: Option<String>,
}

/// Service groups, by name.
#[utoipa::path(
    get,
    path = "/v1/service-groups",
    tag = "service-groups",
    params(Query),
    responses(
        (status = 200, body = GroupPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn group_list(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    Asked(query): Asked<Query>,
) -> Result<Json<GroupPage>, Failure> {
    Ok(Json(verb::list(&desk, reader.within(), query.prefix.as_deref()).await?))
}
