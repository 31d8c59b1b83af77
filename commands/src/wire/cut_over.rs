//! When the copy of a table that is changed online takes the table's place.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// When it does, once all rows are copied, as a DBA said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutOver {
    /// At once, whatever is configured.
    Now,
    /// In a quiet window of the service group.
    Quiet,
    /// When a DBA says so.
    Hold,
}

impl CutOver {
    /// The word in the store and in commands.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Quiet => "quiet",
            Self::Hold => "hold",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Now, Self::Quiet, Self::Hold].into_iter().find(|when| when.word() == word)
    }
}

/// Body of `POST /v1/tickets/{id}/cut-over`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketCutOver {
    /// Not at once, but in a quiet window of the service group.
    #[serde(default)]
    pub quiet: bool,
}
