//! Rows that were changed over a direct connection: what the binary log tells of them, and the ticket that brings them back.

use crate::id::RestoreId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /v1/restores`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRows {
    /// Which service group.
    pub service_group: String,
    /// Which database of it.
    pub database: String,
    /// Which table of that.
    pub table: String,
    /// From when: an RFC 3339 time, `YYYY-MM-DD HH:MM` in the group's time zone, or `90m`, `2h`, `3d` for so long ago.
    pub from: String,
    /// Until when, likewise; left out: to the end of the log.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub until: String,
    /// Why, for the one who approves.
    pub reason: String,
}

/// What the log tells. Nothing is filed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoreView {
    /// Its number, by which a ticket is filed from it within a day, by whoever looked.
    pub id: RestoreId,
    /// The service group.
    pub service_group: String,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Rows that are gone by all of it.
    pub deleted: u64,
    /// Rows that are others by all of it.
    pub changed: u64,
    /// Rows that are new by all of it.
    pub inserted: u64,
    /// The first transactions, in the order of the log.
    pub transactions: Vec<RestoreTransaction>,
    /// How many more there are.
    pub more: u64,
}

/// What one transaction did to the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RestoreTransaction {
    /// When.
    pub at: DateTime<Utc>,
    /// What the server calls it, where it does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub gtid: Option<String>,
    /// The connection that ran it, by the server's own number, where it tells.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub connection: Option<u32>,
    /// `user@host` of that connection, where it is still there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// Its first statement, cut, where the server keeps it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub statement: Option<String>,
    /// Rows that it deleted.
    pub deleted: u64,
    /// Rows that it changed.
    pub changed: u64,
    /// Rows that it inserted.
    pub inserted: u64,
    /// The first of its rows by their keys, as `id = 7`.
    pub rows: Vec<String>,
}

/// Which of them come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RestoreWhat {
    /// Those that are gone.
    Deleted,
    /// All: what is gone comes, what is another is set back, what is new goes.
    All,
}

impl RestoreWhat {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Deleted, Self::All];

    /// The word on the wire and in a button.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::All => "all",
        }
    }

    /// The one with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::BOTH.into_iter().find(|what| what.word() == word)
    }
}

/// Body of `POST /v1/restores/{id}/file`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreFile {
    /// Which rows.
    pub what: RestoreWhat,
}
