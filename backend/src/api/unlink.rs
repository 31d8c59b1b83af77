//! `DELETE /v1/people/{name}/link`

use super::extract::{At, PersonName};
use crate::{
    desk::Desk,
    service::{Caller, Failure, unlink as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{person::PersonView, problem::Problem};
use std::sync::Arc;

/// An admin says that a person's Discord user is his no longer. One who is not linked stays so.
#[utoipa::path(
    delete,
    path = "/v1/people/{name}/link",
    tag = "people",
    params(
        ("name" = String, Path, description = "His name in the desk"),
        ("X-Dbdesk-Act-As" = Option<String>, Header, description = "For the bot: `discord:<user id>`"),
    ),
    responses(
        (status = 200, body = PersonView),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn unlink(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(PersonName(name)): At<PersonName>,
) -> Result<Json<PersonView>, Failure> {
    Ok(Json(verb::unlink(&desk, &caller, &name).await?))
}
