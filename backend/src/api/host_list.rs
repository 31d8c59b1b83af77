//! `GET /v1/hosts`

use super::extract::Asked;
use crate::{
    desk::Desk,
    service::{Caller, Failure, host_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{cluster::HostPage, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only those whose name begins with this; at most 25.
    prefix: Option<String>,
}

/// The hosts of the inventory, by name: where servers and proxies can be put.
#[utoipa::path(
    get,
    path = "/v1/hosts",
    tag = "clusters",
    params(Query),
    responses(
        (status = 200, body = HostPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn host_list(
    State(desk): State<Arc<Desk>>,
    _caller: Caller,
    Asked(query): Asked<Query>,
) -> Result<Json<HostPage>, Failure> {
    Ok(Json(verb::list(&desk, query.prefix.as_deref()).await?))
}
