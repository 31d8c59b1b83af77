//! `GET /healthz`

use crate::{
    desk::Desk,
    service::health::{self as verb, Health},
};
use axum::{Json, extract::State};
use std::sync::Arc;

/// Always 200 while the process lives; the body says what of its surroundings is well.
#[utoipa::path(get, path = "/healthz", tag = "running", security(()), responses((status = 200, body = Health)))]
pub(super) async fn health(State(desk): State<Arc<Desk>>) -> Json<Health> {
    Json(verb::health(&desk).await)
}
