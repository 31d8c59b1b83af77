//! Freezes: times in which nothing starts in a group, or anywhere.

use crate::{id::FreezeId, wire::person::PersonView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// In place of a service group: every one. No group may have this name.
pub const ALL_GROUPS: &str = "all";

/// Body of `POST /v1/freezes`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeOn {
    /// Which service group, or `all`.
    pub service_group: String,
    /// Why, for those who wait.
    pub reason: String,
    /// Until when: an RFC 3339 time, or `YYYY-MM-DD HH:MM` in the group's time zone (of `all`: UTC). Left out: until somebody ends it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub until: String,
}

/// A freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreezeView {
    /// Its number.
    pub id: FreezeId,
    /// Which service group, or `all`.
    pub service_group: String,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: PersonView,
    /// Since when.
    pub from: DateTime<Utc>,
    /// Until when; absent: until somebody ends it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<DateTime<Utc>>,
    /// When somebody ended it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// Answer of `GET /v1/freezes`: those in force, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FreezePage {
    /// At most 100.
    pub freezes: Vec<FreezeView>,
}
