//! `POST /v1/service-groups/{name}/workflows`

use super::{
    extract::{At, GroupName},
    posted::Posted,
};
use crate::{
    desk::Desk,
    service::{Failure, workflow_file as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{problem::Problem, ticket::TicketView, workflow::WorkflowRequest};
use std::sync::Arc;

/// Asks for a change of a service group: another primary, a replica more or less, parameters, one part by itself, its end. Files a ticket whose text
/// has every step; only a DBA of the group may. Everything that speaks against it is said at once.
#[utoipa::path(
    post,
    path = "/v1/service-groups/{name}/workflows",
    tag = "service-groups",
    params(
        ("name" = String, Path, description = "The service group's name"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    request_body = WorkflowRequest,
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn workflow_file(
    State(desk): State<Arc<Desk>>,
    At(GroupName(name)): At<GroupName>,
    posted: Posted<WorkflowRequest>,
) -> Result<Response, Failure> {
    let result = verb::file(&desk, &posted.caller, &posted.done.once, &name, posted.body).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
