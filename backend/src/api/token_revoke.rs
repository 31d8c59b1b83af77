//! `DELETE /v1/tokens/{name}`

use super::extract::{At, TokenName};
use crate::{
    desk::Desk,
    service::{Caller, Failure, token_revoke as verb},
};
use axum::{Json, extract::State};
use dbdesk_commands::wire::{problem::Problem, token::TokenRevoked};
use std::sync::Arc;

/// Revokes a token of one's own, or as an admin anybody's, and all that were made with it.
#[utoipa::path(
    delete,
    path = "/v1/tokens/{name}",
    tag = "tokens",
    params(("name" = String, Path, description = "What it is called")),
    responses(
        (status = 200, body = TokenRevoked),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn token_revoke(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    At(TokenName(name)): At<TokenName>,
) -> Result<Json<TokenRevoked>, Failure> {
    Ok(Json(verb::revoke(&desk, &caller, &name).await?))
}
