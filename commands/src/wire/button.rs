//! Buttons: on the wire an opaque id; what it does and who may press it is known to the backend alone.

use crate::{
    id::{ButtonId, TicketId},
    wire::{
        account::Collected,
        throttle::{Limits, TicketThrottle},
        ticket::{TicketVerb, TicketView},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a button asks of the one who presses it, before it does anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Nothing: pressing is enough.
    Press,
    /// A reason.
    Reason,
    /// The SQL, to be edited.
    Sql,
    /// The service group's name, typed.
    Name,
    /// The highest lag and load.
    Limits,
}

impl Form {
    /// The word that a custom id begins with, so that a modal can be shown without asking the backend first.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Press => "press",
            Self::Reason => "reason",
            Self::Sql => "sql",
            Self::Name => "name",
            Self::Limits => "limits",
        }
    }

    /// The form with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Press, Self::Reason, Self::Sql, Self::Name, Self::Limits]
            .into_iter()
            .find(|form| form.word() == word)
    }
}

/// A button on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ButtonView {
    /// Its opaque id.
    pub id: ButtonId,
    /// What it does.
    pub verb: TicketVerb,
    /// What it asks first.
    pub form: Form,
}

/// Answer of `GET /v1/buttons/{id}`: what a modal needs to be drawn for the one who pressed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ButtonAsk {
    /// Of which ticket.
    pub ticket: TicketId,
    /// What it does.
    pub verb: TicketVerb,
    /// What it asks.
    pub form: Form,
    /// Which service group (to be typed where the form is `name`).
    pub service_group: String,
    /// The revision on the card.
    pub revision: u32,
    /// Seconds within which it is to be typed, where the form is `name`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm_s: Option<u32>,
    /// The SQL to edit, where the form is `sql`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sql: Option<String>,
    /// The time asked, as a submission writes it, where the form is `sql`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub when: Option<String>,
    /// What holds now, where the form is `limits`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limits: Option<Limits>,
}

/// Body of `POST /v1/buttons/{id}/press`; only the field that the button's form asks for is read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ButtonPress {
    /// For `reason`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For `sql`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<String>,
    /// For `sql`, optional: a new time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// For `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
    /// For `limits`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<TicketThrottle>,
}

/// Answer of `POST /v1/buttons/{id}/press`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ButtonPressed {
    /// What was done.
    pub verb: TicketVerb,
    /// The ticket after it.
    pub ticket: TicketView,
    /// The password that was handed over.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub collected: Option<Collected>,
}
