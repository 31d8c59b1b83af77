//! Schedules: tickets that are filed again and again.

use crate::{
    id::{ScheduleId, TicketId},
    lang::Lang,
    wire::{person::PersonView, review::StatementReview},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleState {
    /// Files a ticket at each of its times.
    Active,
    /// Files nothing until somebody resumes it.
    Paused,
}

impl ScheduleState {
    /// The word in the store and on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Active, Self::Paused].into_iter().find(|state| state.word() == word)
    }
}

/// Body of `POST /v1/schedules`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleAdd {
    /// What to call it: at most 64 lower case letters, digits, `-` and `_`.
    pub name: String,
    /// Which service group.
    pub service_group: String,
    /// Which database of it.
    pub database: String,
    /// The SQL. `{today}`, `{tomorrow}`, `{this_month}`, `{next_month}`, each also with a format as in `{tomorrow:%Y_%m_%d}`, are
    /// filled in at each run.
    pub sql: String,
    /// Why, for the one who approves.
    pub reason: String,
    /// When: minute, hour, day of the month, month, day of the week, as in crontab.
    pub cron: String,
    /// IANA name of the time zone in which that is meant; default: the service group's.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub time_zone: String,
    /// The language of its tickets; default: `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleView {
    /// Its number.
    pub id: ScheduleId,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub state: ScheduleState,
    /// Which service group.
    pub service_group: String,
    /// Which database.
    pub database: String,
    /// Whose tickets they are.
    pub owner: PersonView,
    /// Why.
    pub reason: String,
    /// When, as in crontab.
    pub cron: String,
    /// The time zone of it.
    pub time_zone: String,
    /// The next time; absent while it is paused, or where none comes any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_at: Option<DateTime<Utc>>,
    /// For which time it filed last, or would have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_at: Option<DateTime<Utc>>,
    /// The ticket that it filed last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_ticket: Option<TicketId>,
    /// Why its last run filed nothing, in the asker's language.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_problem: Option<String>,
}

/// Answer of `POST /v1/schedules`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleAdded {
    /// The schedule.
    pub schedule: ScheduleView,
    /// The SQL of its next run.
    pub sql: String,
    /// What the review says of that, in the asker's language. Each run is reviewed anew.
    pub review: Vec<StatementReview>,
}

/// Answer of `GET /v1/schedules`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SchedulePage {
    /// At most 50.
    pub schedules: Vec<ScheduleView>,
    /// Pass as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_before: Option<ScheduleId>,
}
