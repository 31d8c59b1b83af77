//! `GET /v1/service-groups/{name}/parts`

use super::extract::{At, GroupName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, part_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, workflow::PartsView};
use std::sync::Arc;

/// A service group's servers, proxies, virtual IPs and names by the inventory: what can be changed by itself.
#[utoipa::path(
    get,
    path = "/v1/service-groups/{name}/parts",
    tag = "service-groups",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, body = PartsView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn part_list(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(GroupName(name)): At<GroupName>,
) -> Result<Json<PartsView>, Failure> {
    Ok(Json(verb::list(&desk, reader.within(), &name).await?))
}
