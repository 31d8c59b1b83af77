//! Which Discord user is which person: he says so, an admin confirms it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name of a person.
pub const NAME_CHARS: usize = 64;

/// Body of `POST /v1/links`. For the bot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAsk {
    /// The Discord user who asks.
    pub discord_id: String,
    /// The desk name that he says is his.
    pub name: String,
}

/// Answer of `POST /v1/links`: alike for every name, whether there is such a person or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkAsked {
    /// Until when an admin can decide.
    pub lapses_at: DateTime<Utc>,
}
