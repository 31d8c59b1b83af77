//! People and what they may do.

use crate::{id::PersonId, lang::Lang};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person is in the desk. Authority is decided in the backend only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Files tickets.
    Developer,
    /// Decides and steers.
    Dba,
    /// Manages people and tokens; decides nothing by that alone.
    Admin,
}

/// A person as others see him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonView {
    /// The desk's own id.
    pub id: PersonId,
    /// His short name in the desk.
    pub name: String,
    /// His Discord user id, for mentions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub discord_id: Option<String>,
}

/// Answer of `GET /v1/me`: as whom the caller acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The person.
    pub person: PersonView,
    /// His roles.
    pub roles: Vec<Role>,
    /// His team.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub team: Option<String>,
}

/// Who did something: a person, policy by itself, or the desk's own machinery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "person", rename_all = "snake_case")]
pub enum Actor {
    /// A person.
    Person(PersonView),
    /// Policy: nobody was needed.
    Policy,
    /// The desk itself (a timer, a reconciler, a task's process).
    Desk,
}

/// The language a ticket's card and thread are written in: its requester's.
pub type StoryLang = Lang;
