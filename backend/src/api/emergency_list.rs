//! `GET /v1/emergencies`

use crate::{
    desk::Desk,
    service::{Caller, Failure, emergency_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{emergency::EmergencyPage, problem::Problem};
use std::sync::Arc;

/// The emergencies that are on or that nobody has looked at, the newest first.
#[utoipa::path(
    get,
    path = "/v1/emergencies",
    tag = "emergencies",
    responses(
        (status = 200, body = EmergencyPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn emergency_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
) -> Result<Json<EmergencyPage>, Failure> {
    Ok(Json(verb::list(&desk, &caller).await?))
}
