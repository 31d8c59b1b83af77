//! Where a ticket lives in chat, and how far its thread has been told. Only the bot writes this.

use crate::id::TicketId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The card's place and how much of the story stands there. Discord ids as strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardPlace {
    /// The tickets channel.
    pub channel_id: String,
    /// The card's message.
    pub message_id: String,
    /// The thread under it, once it exists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub thread_id: Option<String>,
    /// The newest entry of the ticket's log that card and thread show.
    pub told_entry: u64,
}

/// A ticket whose card or thread is behind its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardBehind {
    /// Which ticket.
    pub ticket: TicketId,
    /// Its card; absent when there is none yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub card: Option<CardPlace>,
    /// Newest entry of its log.
    pub last_entry: u64,
}

/// Answer of `GET /v1/cards/behind`: at most 50, those waiting longest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardsBehind {
    /// The tickets to tell about.
    pub cards: Vec<CardBehind>,
}
