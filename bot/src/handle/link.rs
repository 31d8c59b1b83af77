//! `/link`: the bot itself passes on who a Discord user says that he is. Nothing that the answer says depends on the name.

use super::{Desk, sorry};
use crate::{
    backend::{As, BackendError},
    inbound::Inbound,
    reply::{message::Message, notices},
};
use dbdesk_commands::wire::link::{LinkAsk, LinkAsked};

/// Asks and tells, to the asker only.
pub async fn link(desk: &Desk, inbound: &Inbound, name: &str) -> Message {
    let lang = inbound.asker.lang;
    let body = LinkAsk { discord_id: inbound.asker.user.to_string(), name: name.trim().to_owned() };
    let answer: Result<LinkAsked, BackendError> =
        desk.backend.post(&As::Desk(lang), inbound.handle.id, &["links"], &body).await;
    match answer {
        Ok(asked) => notices::asked(&asked, lang),
        Err(error) => sorry(&error, inbound),
    }
}
