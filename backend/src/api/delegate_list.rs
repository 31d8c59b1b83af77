//! `GET /v1/delegations`

use crate::{
    desk::Desk,
    service::{Caller, Failure, delegate_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{delegation::DelegationPage, problem::Problem};
use std::sync::Arc;

/// Who stands in for whom: on either side for the asker, all for an admin.
#[utoipa::path(
    get,
    path = "/v1/delegations",
    tag = "people",
    responses(
        (status = 200, body = DelegationPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delegate_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
) -> Result<Json<DelegationPage>, Failure> {
    Ok(Json(verb::list(&desk, &caller).await?))
}
