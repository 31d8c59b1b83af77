//! `GET /v1/audit`

use super::extract::{Asked, ticket_of};
use crate::{
    desk::Desk,
    service::{
        Caller, Failure,
        audit_list::{self as verb, Which},
    },
};
use axum::{Json, extract::State};
use chrono::{DateTime, Utc};
use dbdesk_commands::wire::{audit::AuditPage, problem::Problem};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::IntoParams;

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only about this ticket.
    ticket: Option<String>,
    /// Only by this person, or in his name.
    person: Option<String>,
    /// Only since then (RFC 3339).
    since: Option<DateTime<Utc>>,
    /// Only after this row: the `cursor` of the page before.
    after: u64,
    /// At most so many, up to 200.
    limit: u32,
}

impl Default for Query {
    fn default() -> Self {
        Self { ticket: None, person: None, since: None, after: 0, limit: verb::MOST }
    }
}

/// Every decision with who made it, from where, and of which bytes; oldest first. For admins.
#[utoipa::path(
    get,
    path = "/v1/audit",
    tag = "audit",
    params(Query),
    responses(
        (status = 200, body = AuditPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn audit_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Asked(query): Asked<Query>,
) -> Result<Json<AuditPage>, Failure> {
    let Query { ticket, person, since, after, limit } = query;
    let ticket = ticket_of(ticket.as_deref())?;
    Ok(Json(verb::list(&desk, &caller, Which { ticket, person, since, after, limit }).await?))
}
