//! `POST /v1/scripts/{name}/runs`

use super::{
    extract::{At, ScriptName},
    posted::Posted,
};
use crate::{
    desk::Desk,
    service::{Failure, script_run as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{problem::Problem, script::ScriptRun, ticket::TicketView};
use std::sync::Arc;

/// Asks for a run of a script. Files a ticket that is bound to the script's files as they are now.
#[utoipa::path(
    post,
    path = "/v1/scripts/{name}/runs",
    tag = "scripts",
    params(
        ("name" = String, Path, description = "Its name, such as `table-sizes`"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = ScriptRun,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn script_run(
    State(desk): State<Arc<Desk>>,
    At(ScriptName(name)): At<ScriptName>,
    posted: Posted<ScriptRun>,
) -> Result<Response, Failure> {
    let result = verb::run(&desk, &posted.caller, &posted.done.once, &name, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
