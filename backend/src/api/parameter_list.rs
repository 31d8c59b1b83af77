//! `GET /v1/service-groups/{name}/parameters`

use super::extract::{At, GroupName};
use crate::{
    desk::Desk,
    service::{Failure, Reader, parameter_list as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, workflow::OptionPage};
use std::sync::Arc;

/// The options of a service group's servers that can be changed, by name: what each may be, and whether it is taken while the server runs.
#[utoipa::path(
    get,
    path = "/v1/service-groups/{name}/parameters",
    tag = "service-groups",
    params(("name" = String, Path, description = "Its name")),
    responses(
        (status = 200, body = OptionPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn parameter_list(
    State(desk): State<Arc<Desk>>,
    reader: Reader,
    At(GroupName(name)): At<GroupName>,
) -> Result<Json<OptionPage>, Failure> {
    Ok(Json(verb::list(&desk, reader.within(), &name).await?))
}
