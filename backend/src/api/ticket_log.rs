//! `GET /v1/tickets/{id}/log`

use super::extract::{Asked, At};
use crate::{
    desk::Desk,
    service::{
        Failure, Reader,
        ticket_log::{self as verb, MOST},
    },
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::TicketId,
    wire::{entry::LogPage, problem::Problem},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only what came after this entry: `cursor` of the page before.
    after: u64,
    /// At most so many, up to 200.
    limit: Option<u32>,
}

/// A ticket's log from a cursor on, oldest first.
#[utoipa::path(
    get,
    path = "/v1/tickets/{id}/log",
    tag = "tickets",
    params(("id" = String, Path, description = "Its number: `T-42` or `42`"), Query),
    responses(
        (status = 200, body = LogPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_log(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(id): At<TicketId>,
    Asked(query): Asked<Query>,
) -> Result<Json<LogPage>, Failure> {
    Ok(Json(verb::log(&desk, &reader, id, query.after, query.limit.unwrap_or(MOST)).await?))
}
