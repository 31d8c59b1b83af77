//! `GET /v1/service-groups/{name}/topology`

use super::extract::{At, GroupName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, group_topology as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{group::Topology, problem::Problem};
use std::sync::Arc;

/// A service group's servers: the inventory beside what each says now.
#[utoipa::path(
    get,
    path = "/v1/service-groups/{name}/topology",
    tag = "service-groups",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, body = Topology),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn group_topology(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(GroupName(name)): At<GroupName>,
) -> Result<Json<Topology>, Failure> {
    Ok(Json(verb::topology(&desk, reader.within(), &name).await?))
}
