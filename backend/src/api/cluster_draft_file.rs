//! `POST /v1/cluster-drafts/{id}/file`

use super::{
    extract::{At, DraftId},
    posted::{Nothing, Posted},
};
use crate::{
    desk::Desk,
    service::{Failure, cluster_draft_file as verb},
};
use axum::{extract::State, http::StatusCode, response::Response};
use dbdesk_commands::wire::{problem::Problem, ticket::TicketView};
use std::sync::Arc;

/// Files a request for a cluster that was filled in, as `POST /v1/clusters` files its document.
#[utoipa::path(
    post,
    path = "/v1/cluster-drafts/{id}/file",
    tag = "clusters",
    params(
        ("id" = String, Path, description = "Its id"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body is done once"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 201, body = TicketView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cluster_draft_file(
    State(desk): State<Arc<Desk>>,
    At(DraftId(id)): At<DraftId>,
    posted: Posted<Nothing>,
) -> Result<Response, Failure> {
    let result = verb::file(&desk, &posted.caller, &posted.done.once, &id).await;
    posted.done.answer(&desk, StatusCode::CREATED, result).await
}
