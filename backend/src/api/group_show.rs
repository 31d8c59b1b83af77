//! `GET /v1/service-groups/{name}`

use super::extract::{At, GroupName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, group_show as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{group::GroupView, problem::Problem};
use std::sync::Arc;

/// One service group.
#[utoipa::path(
    get,
    path = "/v1/service-groups/{name}",
    tag = "service-groups",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, body = GroupView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn group_show(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(GroupName(name)): At<GroupName>,
) -> Result<Json<GroupView>, Failure> {
    Ok(Json(verb::show(&desk, reader.within(), &name).await?))
}
