//! Who tried what he may not goes to the audit log.

use super::{Caller, Failure, token_create::TOKEN_BEGINS};
use crate::desk::Desk;
use dbdesk_commands::{
    id::{ButtonId, FreezeId, RestoreId, ScheduleId, TaskId, TicketId},
    wire::{
        audit::{SubjectKind, What},
        problem::Code,
    },
};
use dbdesk_store::{
    audit::{By, Decision, Subject},
    button,
};
use serde_json::json;

/// What was tried.
#[derive(Debug, Clone)]
pub struct Tried {
    /// `POST`, and the route as the router writes it.
    pub method: String,
    /// The route.
    pub route: String,
    /// What stands in the route's first `{…}`.
    pub named: Option<String>,
    /// The code with which it was refused.
    pub code: Code,
}

/// Whether a refusal with this code is one of authority.
#[must_use]
pub fn is_denial(code: Code) -> bool {
    matches!(code, Code::Forbidden | Code::OwnTicket)
}

/// Notes it.
pub async fn note(desk: &Desk, caller: &Caller, tried: &Tried) -> Result<(), Failure> {
    let detail = json!({ "tried": format!("{} {}", tried.method, tried.route), "code": tried.code });
    let subject = subject(desk, tried).await?;
    let mut tx = caller.begin(desk).await?;
    tx.decided(Decision {
        what: What::Denied,
        by: By::Himself,
        subject,
        detail,
        content_hash: None,
        at: desk.clock.now(),
    });
    Ok(desk.commit(tx).await?)
}

async fn subject(desk: &Desk, tried: &Tried) -> Result<Subject, Failure> {
    // What looks like a token's text, pasted where a name belongs, is not kept.
    let named = tried.named.clone().filter(|named| !named.contains(TOKEN_BEGINS));
    let kind = tried.route.split('/').nth(2).filter(|_| named.is_some()).unwrap_or_default();
    let named = named.unwrap_or_default();
    let other = |kind: SubjectKind, text: String| Ok(Subject::Other(kind, text));
    let route = || Subject::Other(SubjectKind::Route, tried.route.clone());
    match kind {
        "tickets" => Ok(named.parse::<TicketId>().map_or_else(|_| route(), Subject::Ticket)),
        "tasks" => other(SubjectKind::Task, id::<TaskId>(&named)),
        "schedules" => other(SubjectKind::Schedule, id::<ScheduleId>(&named)),
        "freezes" => other(SubjectKind::Freeze, id::<FreezeId>(&named)),
        "restores" => other(SubjectKind::Restore, id::<RestoreId>(&named)),
        "service-groups" => other(SubjectKind::Group, named),
        "tokens" => other(SubjectKind::Token, named),
        "buttons" => match button::get(&desk.store, &ButtonId(named.clone())).await? {
            Some(button) => Ok(Subject::Ticket(button.ticket)),
            None => other(SubjectKind::Button, named),
        },
        _ => Ok(route()),
    }
}

/// `T-42` for `42`; what is no number is kept as it was written.
fn id<T: std::str::FromStr + ToString>(text: &str) -> String {
    text.parse::<T>().map_or_else(|_| text.to_owned(), |id| id.to_string())
}
