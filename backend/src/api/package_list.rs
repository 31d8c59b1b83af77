//! `GET /v1/packages`

use crate::{
    desk::Desk,
    service::{Caller, Failure, package_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{cluster::PackagePage, problem::Problem};
use std::sync::Arc;

/// The packages that clusters are built from; for DBAs and admins also what is wrong with others. Read from the folder at this moment.
#[utoipa::path(
    get,
    path = "/v1/packages",
    tag = "clusters",
    params(
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = PackagePage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn package_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
) -> Result<Json<PackagePage>, Failure> {
    Ok(Json(verb::list(&desk, &caller).await?))
}
