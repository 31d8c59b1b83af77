//! Tokens, without what they are: one's own, or as an admin those of others.

use super::{Caller, Failure, token_create::another, token_create::only_admin};
use crate::desk::Desk;
use dbdesk_commands::wire::token::TokenPage;
use dbdesk_store::token;

/// Lists the caller's own, with `person` that one's, with `all` everybody's and the bot's.
pub async fn list(
    desk: &Desk,
    caller: &Caller,
    person: Option<&str>,
    all: bool,
) -> Result<TokenPage, Failure> {
    let whose = match person.map(str::trim).filter(|name| *name != caller.person.name) {
        Some(name) => Some(another(desk, caller, name).await?.id),
        None if all => {
            only_admin(caller)?;
            None
        }
        None => Some(caller.person.id),
    };
    Ok(TokenPage { tokens: token::page(&desk.store, whose).await? })
}
