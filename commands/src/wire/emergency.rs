//! Emergencies: a DBA acts without approval on one service group for a while, loudly; somebody else looks at it afterwards.

use crate::{
    id::{EmergencyId, TicketId},
    wire::{notice::Reviewed, person::PersonView},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /v1/emergencies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyOn {
    /// On which service group.
    pub service_group: String,
    /// Why.
    pub reason: String,
}

/// Body of `POST /v1/emergencies/{id}/review`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyReview {
    /// What he who has looked at it says.
    pub text: String,
}

/// An emergency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmergencyView {
    /// Its number.
    pub id: EmergencyId,
    /// On which service group.
    pub service_group: String,
    /// Who may act.
    pub person: PersonView,
    /// Why.
    pub reason: String,
    /// From when
    pub from: DateTime<Utc>,
    /// until when at the latest.
    pub until: DateTime<Utc>,
    /// When it ended; absent while it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The tickets that were decided on in it.
    pub tickets: Vec<TicketId>,
    /// Who has looked at it afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Reviewed>,
}

/// Answer of `GET /v1/emergencies`: those that are on or that nobody has looked at, the newest first, at most 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmergencyPage {
    /// The emergencies.
    pub emergencies: Vec<EmergencyView>,
    /// Only one's own are shown: one is neither an admin nor a DBA of any service group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_only: bool,
}
