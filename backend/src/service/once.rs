//! Requests with an `Idempotency-Key` are done once. The key is claimed in the transaction of the work, so a crash leaves both or
//! none; what the answer is made of is noted with it, so that it can be made again if the process ends before it is sent.

use super::{Failure, view};
use crate::desk::Desk;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    lang::Lang,
    wire::{button::ButtonPressed, ticket::TicketVerb},
};
use dbdesk_store::{
    Tx,
    idempotency::{self, Kept, Key},
};
use serde::Serialize;

/// Status of an answer that was made.
const OK: u16 = 200;

/// What makes this request the same as another, where its caller said so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Once {
    /// The key.
    pub key: Option<Key>,
    /// The answer is that of a pressed button.
    pub pressed: Option<TicketVerb>,
}

impl Once {
    /// Claims the key before anything else in the transaction: a second request waits here for the first.
    pub(super) async fn claim(&self, tx: &mut Tx, status: u16, at: Time) -> Result<(), Failure> {
        let Some(key) = &self.key else { return Ok(()) };
        idempotency::claim(tx, key, status, at)
            .await
            .map_err(|error| if error.is_duplicate() { Failure::Repeated } else { Failure::Store(error) })
    }

    /// Claims the key of a change to a ticket that exists.
    pub(super) async fn claim_for(&self, tx: &mut Tx, ticket: TicketId, at: Time) -> Result<(), Failure> {
        self.claim(tx, OK, at).await?;
        self.about(tx, ticket).await
    }

    /// Keeps an answer that is known before the commit.
    pub(super) async fn keep(&self, tx: &mut Tx, answer: &impl Serialize) -> Result<(), Failure> {
        let Some(key) = &self.key else { return Ok(()) };
        let answer = serde_json::to_string(answer).map_err(anyhow::Error::from)?;
        Ok(idempotency::about(tx, key, &answer).await?)
    }

    /// Notes of which ticket the answer will be.
    pub(super) async fn about(&self, tx: &mut Tx, ticket: TicketId) -> Result<(), Failure> {
        let Some(key) = &self.key else { return Ok(()) };
        let verb = self.pressed.map(TicketVerb::word).unwrap_or_default();
        Ok(idempotency::about(tx, key, &format!("#{} {verb}", ticket.0)).await?)
    }
}

/// The answer to a request that was done already: as it was kept, or made again from what was noted.
pub(crate) async fn stored(desk: &Desk, kept: Kept, lang: Lang) -> Result<(u16, Vec<u8>), Failure> {
    let body = kept.body.unwrap_or_else(|| b"null".to_vec());
    let Some(noted) = body.strip_prefix(b"#") else { return Ok((kept.status, body)) };
    let noted = String::from_utf8_lossy(noted);
    let (ticket, verb) = noted.split_once(' ').unwrap_or((&noted, ""));
    let ticket = ticket.parse().map_err(|_| anyhow::anyhow!("a kept answer is about {noted:?}"))?;
    let ticket = view::ticket(desk, ticket, lang).await?;
    let body = match TicketVerb::of_word(verb) {
        Some(verb) => serde_json::to_vec(&ButtonPressed { verb, ticket, collected: None }),
        None => serde_json::to_vec(&ticket),
    };
    Ok((kept.status, body.map_err(anyhow::Error::from)?))
}
