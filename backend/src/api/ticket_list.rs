//! `GET /v1/tickets`

use super::extract::{Asked, ticket_of};
use crate::{
    desk::Desk,
    service::{
        Caller, Failure,
        ticket_list::{self as verb, MOST, Which},
    },
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{
    problem::Problem,
    ticket::{TicketPage, TicketState},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Whose tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Whose {
    /// The caller's own.
    Mine,
    /// Everybody's that have not ended.
    Open,
    /// Everybody's.
    #[default]
    All,
}

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// `mine`, `open` or `all` (default).
    #[param(inline)]
    which: Whose,
    /// Only in this state.
    state: Option<TicketState>,
    /// Only of this service group.
    service_group: Option<String>,
    /// Only those whose number begins so: `T-4`, `4`.
    prefix: Option<String>,
    /// Only older than this one: `next_before` of the page before.
    before: Option<String>,
    /// At most so many, up to 50.
    limit: Option<u32>,
}

/// `T-4` as one types it is `4`; of anything else no number begins so.
fn digits(text: &str) -> String {
    let text = text.trim();
    text.strip_prefix("T-").or_else(|| text.strip_prefix("t-")).unwrap_or(text).chars().take(20).collect()
}

/// Tickets, newest first.
#[utoipa::path(
    get,
    path = "/v1/tickets",
    tag = "tickets",
    params(Query),
    responses(
        (status = 200, body = TicketPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Asked(query): Asked<Query>,
) -> Result<Json<TicketPage>, Failure> {
    let which = Which {
        mine: query.which == Whose::Mine,
        open: query.which == Whose::Open,
        state: query.state,
        service_group: query.service_group,
        prefix: query.prefix.map(|text| digits(&text)),
        before: ticket_of(query.before.as_deref())?,
        limit: query.limit.unwrap_or(MOST),
    };
    Ok(Json(verb::list(&desk, &caller, which).await?))
}
