//! `GET /v1/scripts`

use crate::{
    desk::Desk,
    service::{Caller, Failure, script_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, script::ScriptPage};
use std::sync::Arc;

/// The scripts that the caller may run; for DBAs and admins also what is wrong with others. Read from the folder at this moment.
#[utoipa::path(
    get,
    path = "/v1/scripts",
    tag = "scripts",
    params(("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`")),
    responses(
        (status = 200, body = ScriptPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn script_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
) -> Result<Json<ScriptPage>, Failure> {
    Ok(Json(verb::list(&desk, &caller).await?))
}
