//! `GET /v1/freezes`

use crate::{
    desk::Desk,
    service::{Failure, Reader, freeze_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{freeze::FreezePage, problem::Problem};
use std::sync::Arc;

/// The freezes in force, the newest first.
#[utoipa::path(
    get,
    path = "/v1/freezes",
    tag = "freezes",
    responses(
        (status = 200, body = FreezePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn freeze_list(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
) -> Result<Json<FreezePage>, Failure> {
    Ok(Json(verb::list(&desk, reader.within()).await?))
}
