//! `GET /v1/accounts`

use super::extract::{Asked, Named as _};
use crate::{
    desk::Desk,
    service::{
        Caller, Failure,
        account_list::{self as verb, MOST, Which},
    },
};
use axum::{Json, extract::State};
use dbdesk_commands::{
    id::AccountId,
    wire::{account::AccountPage, problem::Problem},
};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Whose accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Whose {
    /// The caller's own.
    Mine,
    /// All that he sees.
    #[default]
    All,
    /// Also those that are gone.
    Gone,
}

/// Which ones.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// `mine`, `all` (default), or `gone` for those that were removed, too.
    #[param(inline)]
    which: Whose,
    /// Only of this service group.
    service_group: Option<String>,
    /// Only those whose user or number begins so.
    prefix: Option<String>,
    /// Only older than this one: `next_before` of the page before.
    before: Option<String>,
    /// At most so many, up to 50.
    limit: Option<u32>,
}

/// Accounts, newest first.
#[utoipa::path(
    get,
    path = "/v1/accounts",
    tag = "accounts",
    params(Query),
    responses(
        (status = 200, body = AccountPage),
        (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn account_list(
    State(desk): State<Arc<Desk>>,
    caller: Caller,
    Asked(query): Asked<Query>,
) -> Result<Json<AccountPage>, Failure> {
    let before = query.before.as_deref().map(AccountId::named).transpose()?;
    let which = Which {
        mine: query.which == Whose::Mine,
        gone: query.which == Whose::Gone,
        service_group: query.service_group,
        prefix: query.prefix,
        before,
        limit: query.limit.unwrap_or(MOST),
    };
    Ok(Json(verb::list(&desk, &caller, which).await?))
}
