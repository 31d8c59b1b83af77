//! `GET /v1/service-groups/{name}/topology.png`

use super::extract::{At, GroupName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, group_picture as verb},
};
use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use dbdesk_commands::wire::problem::Problem;
use std::sync::Arc;

/// A service group's layers from DNS down to its servers, with state and lag, as they are now.
#[utoipa::path(
    get,
    path = "/v1/service-groups/{name}/topology.png",
    tag = "service-groups",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "image/png"),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn group_picture(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(GroupName(name)): At<GroupName>,
) -> Result<Response, Failure> {
    let png = verb::picture(&desk, reader.within(), &name).await?;
    Ok(([(CONTENT_TYPE, "image/png"), (CACHE_CONTROL, "no-store")], png).into_response())
}
