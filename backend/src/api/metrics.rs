//! `GET /metrics`

use crate::{
    desk::Desk,
    service::{Failure, metrics as verb},
};
use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
};
use std::sync::Arc;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Counters, as Prometheus reads them.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "running",
    security(()),
    responses((status = 200, body = String, content_type = "application/openmetrics-text"))
)]
pub(super) async fn metrics(
    State(desk): State<Arc<Desk>>,
) -> Result<([(HeaderName, HeaderValue); 1], String), Failure> {
    let text = verb::metrics(&desk).await?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS))], text))
}
