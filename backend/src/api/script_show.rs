//! `GET /v1/scripts/{name}`

use super::extract::{At, ScriptName};
use crate::{
    desk::Desk,
    service::{Caller, Failure, script_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, script::ScriptView};
use std::sync::Arc;

/// A script that the caller may run: what it does, who may run it where, and its parameters, in the language of `Accept-Language`.
#[utoipa::path(
    get,
    path = "/v1/scripts/{name}",
    tag = "scripts",
    params(
        ("name" = String, Path, description = "Its name, such as `table-sizes`"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = ScriptView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn script_show(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(ScriptName(name)): At<ScriptName>,
) -> Result<Json<ScriptView>, Failure> {
    Ok(Json(verb::show(&desk, &caller, &name).await?))
}
