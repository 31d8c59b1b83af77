//! `GET /v1/tasks`

use super::extract::{Asked, task_of, ticket_of};
use crate::{
    desk::Desk,
    service::{
        Failure, Reader,
        task_list::{self as verb, MOST},
    },
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{
    problem::Problem,
    task::{TaskPage, TaskState},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only of this ticket.
    ticket: Option<String>,
    /// Only in this state.
    state: Option<TaskState>,
    /// Only older than this one: `next_before` of the page before.
    before: Option<String>,
    /// At most so many, up to 50.
    limit: Option<u32>,
}

/// Tasks, newest first.
#[utoipa::path(
    get,
    path = "/v1/tasks",
    tag = "tasks",
    params(Query),
    responses(
        (status = 200, body = TaskPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn task_list(
    State(desk): State<Arc<Desk>>,
    _reader: Reader,
    Asked(query): Asked<Query>,
) -> Result<Json<TaskPage>, Failure> {
    let (ticket, before) = (ticket_of(query.ticket.as_deref())?, task_of(query.before.as_deref())?);
    Ok(Json(verb::list(&desk, ticket, query.state, before, query.limit.unwrap_or(MOST)).await?))
}
