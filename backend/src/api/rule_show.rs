//! `GET /v1/rules/{id}`

use super::extract::{Asked, At, RuleName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, rule_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, rule::RuleView};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// For whom.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// As in force for this service group.
    service_group: Option<String>,
    /// As in force in this environment, where no service group is named.
    environment: Option<String>,
}

/// A rule's page in the language of `Accept-Language`, and how it is in force.
#[utoipa::path(
    get,
    path = "/v1/rules/{id}",
    tag = "rules",
    params(("id" = String, Path, description = "Its id, such as `delete-without-where`"), Query),
    responses(
        (status = 200, body = RuleView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rule_show(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(RuleName(id)): At<RuleName>,
    Asked(query): Asked<Query>,
) -> Result<Json<RuleView>, Failure> {
    Ok(Json(
        verb::show(&desk, reader.within(), &id, query.service_group, query.environment, reader.lang).await?,
    ))
}
