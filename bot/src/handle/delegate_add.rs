//! `/delegate add`

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::{Delegate, Inbound},
    reply::{delegations, message::Message, problem},
};
use dbdesk_commands::wire::delegation::{DelegateAdd, DelegationView};
use serenity::model::id::UserId;

/// Asks and tells.
pub async fn add(desk: &Desk, inbound: &Inbound, it: &Delegate) -> Message {
    let named = |user: Option<UserId>| user.map(|user| format!("discord:{user}")).unwrap_or_default();
    let body = DelegateAdd {
        to: named(it.to),
        until: it.until.trim().to_owned(),
        from: it.from.trim().to_owned(),
        reason: it.reason.trim().to_owned(),
        person: named(it.person),
    };
    let answer: Result<DelegationView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &["delegations"], &body).await;
    match answer {
        Ok(delegation) => delegations::added(&delegation, inbound.asker.lang),
        Err(error) => {
            let mention = |user: Option<UserId>| user.map(|user| format!("<@{user}>")).unwrap_or_default();
            problem::with_line_back(
                sorry(&error, inbound),
                "/delegate add",
                &[
                    ("to", &mention(it.to)),
                    ("until", &it.until),
                    ("reason", &it.reason),
                    ("from", &it.from),
                    ("person", &mention(it.person)),
                ],
                inbound.asker.lang,
            )
        }
    }
}
