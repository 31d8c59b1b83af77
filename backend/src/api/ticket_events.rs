//! `GET /v1/tickets/{id}/events`

use super::extract::{Asked, At};
use crate::{
    desk::Desk,
    service::{
        Failure, Reader,
        ticket_events::{self as verb, Told},
    },
};
use axum::{
    extract::State,
    http::HeaderMap,
    response::sse::{Event, KeepAlive, Sse},
};
use dbdesk_commands::{
    id::TicketId,
    wire::{entry::Entry, problem::Problem},
};
use futures_util::{Stream, StreamExt as _};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use utoipa::IntoParams;

/// Something is sent at least so often, so that a connection that broke is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// From where on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// Only what came after this entry; `Last-Event-ID` of a reconnecting browser stands over it.
    after: u64,
}

/// A ticket's log as it grows (Server-Sent Events): each entry is an event `entry` with its number as id. Between them come, without
/// an id, events `line` (what a task's process wrote; a new connection begins with its first one) and `progress` (how far a task's
/// running statement is; the newest state only). Of a ticket on several service groups several tasks run beside each other: each event
/// names its task. Ends with the ticket.
#[utoipa::path(
    get,
    path = "/v1/tickets/{id}/events",
    tag = "tickets",
    params(("id" = String, Path, description = "Its number: `T-42` or `42`"), Query),
    responses(
        (status = 200, body = Entry, content_type = "text/event-stream"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket_events(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(id): At<TicketId>,
    Asked(query): Asked<Query>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, axum::Error>>>, Failure> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let told = verb::events(desk, reader.token.id, id, last.unwrap_or(query.after)).await?;
    let events = told.map(|told| match told {
        Told::Entry(entry) => Event::default().event("entry").id(entry.id.0.to_string()).json_data(&entry),
        Told::Line(line) => Event::default().event("line").json_data(&line),
        Told::Progress(progress) => Event::default().event("progress").json_data(&progress),
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
