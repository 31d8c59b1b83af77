//! `GET /v1/tasks`

use super::extract::{Asked, task_of, ticket_of};
use crate::{
    desk::Desk,
    service::{
        Failure, Reader,
        task_list::{self as verb, Asked as Wanted, MOST},
    },
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{
    problem::Problem,
    queue::{TaskPage, Which},
    task::TaskState,
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// `open`, `running`, `silent` (held by a process that does not answer), `ended` or `all` (default).
    #[param(inline)]
    which: Which,
    /// Only of this ticket.
    ticket: Option<String>,
    /// Only in this state.
    state: Option<TaskState>,
    /// Only of this service group.
    service_group: Option<String>,
    /// Only on this machine.
    host: Option<String>,
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
    reader: Reader,
    Asked(query): Asked<Query>,
) -> Result<Json<TaskPage>, Failure> {
    let (ticket, before) = (ticket_of(query.ticket.as_deref())?, task_of(query.before.as_deref())?);
    let wanted = Wanted {
        which: query.which,
        state: query.state,
        ticket,
        service_group: query.service_group,
        host: query.host,
        before,
        limit: query.limit.unwrap_or(MOST),
    };
    Ok(Json(verb::list(&desk, reader.within(), wanted).await?))
}
