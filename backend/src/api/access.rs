//! What each route asks of a token. A route that is not named here answers nobody.

use crate::service::scope;
use axum::http::Method;
use dbdesk_commands::wire::{ticket::TicketVerb, token::May};

/// What a route asks of whoever comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: it tells no more than that the desk is there.
    Open,
    /// A token for this.
    May(May),
    /// A token for what the button does, or the bot's.
    OfButton,
    /// The bot's own token.
    Bot,
}

/// What this route asks; `path` as the router writes it.
#[must_use]
pub fn of(method: &Method, path: &str) -> Option<Access> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let may = match (method, path) {
        ("GET", "/healthz" | "/metrics" | "/openapi.json") => return Some(Access::Open),
        ("GET", "/v1/cards/behind" | "/v1/notices/behind" | "/v1/live")
        | ("PUT", "/v1/tickets/{id}/card" | "/v1/notices/{id}/card")
        | ("POST", "/v1/links") => {
            return Some(Access::Bot);
        }
        ("GET" | "POST", "/v1/buttons/{id}" | "/v1/buttons/{id}/press") => return Some(Access::OfButton),
        (
            "GET",
            "/v1/accounts"
            | "/v1/applications"
            | "/v1/delegations"
            | "/v1/emergencies"
            | "/v1/freezes"
            | "/v1/hosts"
            | "/v1/me"
            | "/v1/packages"
            | "/v1/queue"
            | "/v1/rules"
            | "/v1/rules/{id}"
            | "/v1/schedules"
            | "/v1/scripts"
            | "/v1/scripts/{name}"
            | "/v1/service-groups"
            | "/v1/service-groups/{name}"
            | "/v1/service-groups/{name}/history"
            | "/v1/service-groups/{name}/parameters"
            | "/v1/service-groups/{name}/parts"
            | "/v1/service-groups/{name}/topology"
            | "/v1/service-groups/{name}/topology.png"
            | "/v1/tasks"
            | "/v1/tasks/{id}"
            | "/v1/tasks/{id}/log"
            | "/v1/tickets"
            | "/v1/tickets/{id}"
            | "/v1/tickets/{id}/artifacts"
            | "/v1/tickets/{id}/events"
            | "/v1/tickets/{id}/log"
            | "/v1/tokens",
        )
        | ("POST", "/v1/clusters/check" | "/v1/reviews") => May::Read,
        (
            "POST",
            "/v1/clusters"
            | "/v1/cluster-drafts"
            | "/v1/cluster-drafts/{id}/file"
            | "/v1/schedules"
            | "/v1/schedules/{id}/pause"
            | "/v1/schedules/{id}/remove"
            | "/v1/schedules/{id}/resume"
            | "/v1/scripts/{name}/runs"
            | "/v1/service-groups/{name}/workflows"
            | "/v1/tickets"
            | "/v1/tokens",
        )
        | ("DELETE", "/v1/tokens/{name}")
        | ("GET" | "PUT" | "DELETE", "/v1/cluster-drafts/{id}")
        | ("GET", "/v1/cluster-drafts/{id}/picture.png") => May::File,
        (
            "POST",
            "/v1/accounts"
            | "/v1/accounts/{id}/renew"
            | "/v1/accounts/{id}/rotate"
            | "/v1/accounts/{id}/revoke"
            | "/v1/databases",
        ) => May::Account,
        ("GET", "/v1/audit")
        | ("POST", "/v1/notice-buttons/{id}/press")
        | ("DELETE", "/v1/people/{name}/link") => May::Admin,
        // Who stands in for a DBA decides in his place, and in an emergency a DBA decides alone; a restore shows rows that others wrote.
        (
            "POST",
            "/v1/delegations"
            | "/v1/delegations/{id}/end"
            | "/v1/emergencies"
            | "/v1/emergencies/{id}/end"
            | "/v1/emergencies/{id}/review"
            | "/v1/restores"
            | "/v1/restores/{id}/file",
        ) => May::Decide,
        ("POST", "/v1/freezes" | "/v1/freezes/{id}/end") => May::Steer,
        ("POST", path) => {
            let verb = path.strip_prefix("/v1/tickets/{id}/")?;
            scope::of_verb(TicketVerb::of_word(verb)?)
        }
        _ => return None,
    };
    Some(Access::May(may))
}
