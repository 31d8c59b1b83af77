//! `GET /v1/applications`

use super::extract::Asked;
use crate::{
    desk::Desk,
    service::{Caller, Failure, application_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{account::ApplicationPage, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only those whose name holds this.
    prefix: String,
}

/// Applications that accounts may be asked for by name, as the configuration has them.
#[utoipa::path(
    get,
    path = "/v1/applications",
    tag = "accounts",
    params(Query),
    responses(
        (status = 200, body = ApplicationPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn application_list(
    State(desk): State<Arc<Desk>>,
    _caller: Caller,
    Asked(query): Asked<Query>,
) -> Result<Json<ApplicationPage>, Failure> {
    Ok(Json(verb::list(&desk, &query.prefix).await?))
}
