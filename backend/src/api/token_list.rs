//! `GET /v1/tokens`

use super::extract::Asked;
use crate::{
    desk::Desk,
    service::{Caller, Failure, token_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, token::TokenPage};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Whose.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// This person's; for admins.
    person: Option<String>,
    /// Everybody's; for admins.
    all: bool,
}

/// One's own tokens, without what they are, by name.
#[utoipa::path(
    get,
    path = "/v1/tokens",
    tag = "tokens",
    params(Query),
    responses(
        (status = 200, body = TokenPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn token_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Asked(Query { person, all }): Asked<Query>,
) -> Result<Json<TokenPage>, Failure> {
    Ok(Json(verb::list(&desk, &caller, person.as_deref(), all).await?))
}
