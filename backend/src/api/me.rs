//! `GET /v1/me`

use crate::service::{Caller, me as verb};
use axum::Json;
use dbdesk_commands::wire::{person::Me, problem::Problem};

/// As whom the caller acts.
#[utoipa::path(
    get,
    path = "/v1/me",
    tag = "people",
    responses(
        (status = 200, body = Me),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn me(caller: Caller) -> Json<Me> {
    Json(verb::me(&caller))
}
