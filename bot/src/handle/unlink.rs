//! `/unlink`: an admin takes a person's Discord account from the desk.

use super::{Desk, sorry};
use crate::{
    backend::BackendError,
    inbound::Inbound,
    reply::{message::Message, notices},
};
use dbdesk_commands::wire::person::PersonView;

/// Asks and tells, to the asker only.
pub async fn unlink(desk: &Desk, inbound: &Inbound, name: &str) -> Message {
    let (who, name) = (inbound.asker.acting(), name.trim());
    let answer: Result<PersonView, BackendError> = desk.backend.delete(&who, &["people", name, "link"]).await;
    match answer {
        Ok(person) => notices::unlinked(&person, inbound.asker.lang),
        Err(error) => sorry(&error, inbound),
    }
}
