//! `GET /v1/rules`

use super::extract::Asked;
use crate::{
    desk::Desk,
    service::{Failure, Reader, rule_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, rule::RulePage};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones, and for whom.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// As in force for this service group.
    service_group: Option<String>,
    /// As in force in this environment, where no service group is named.
    environment: Option<String>,
    /// Only those with all these words in their id or title, in either language; the best match first.
    q: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// The review's rules: how serious each is, who says so, its thresholds. Titles in the language of `Accept-Language`.
#[utoipa::path(
    get,
    path = "/v1/rules",
    tag = "rules",
    params(Query),
    responses(
        (status = 200, body = RulePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rule_list(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    Asked(query): Asked<Query>,
) -> Result<Json<RulePage>, Failure> {
    let Query { service_group, environment, q, limit } = query;
    let asked = verb::Asked { service_group, environment, words: q, limit };
    Ok(Json(verb::list(&desk, reader.within(), asked, reader.lang).await?))
}
