//! Delegations: somebody stands in for somebody who is away.

use crate::{
    id::DelegationId,
    wire::person::{PersonView, Role},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /v1/delegations`. People are named as in the desk, or as `discord:` and a Discord user id. Times are RFC 3339, or
/// `YYYY-MM-DD HH:MM` in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateAdd {
    /// Who stands in.
    pub to: String,
    /// Until when.
    pub until: String,
    /// From when; left out: from now on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
    /// Why.
    pub reason: String,
    /// Who is away; left out: the one who asks. Another one only for admins.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
}

/// A delegation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DelegationView {
    /// Its number.
    pub id: DelegationId,
    /// Who is away.
    pub person: PersonView,
    /// Who stands in.
    pub to: PersonView,
    /// From when
    pub from: DateTime<Utc>,
    /// until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// Who said so.
    pub by: PersonView,
    /// When somebody ended it before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Roles of the one who is away that the other has not: he does not act by these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Role>,
}

/// Answer of `GET /v1/delegations`: the asker's on either side, for an admin all, the next first, at most 50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DelegationPage {
    /// The delegations.
    pub delegations: Vec<DelegationView>,
}
