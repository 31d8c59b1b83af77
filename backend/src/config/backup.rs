//! How the rows that statements touch are kept.

use super::Secret;
use chrono::TimeDelta;
use dbdesk_components::mysql::undoable::Most;
use dbdesk_undo::sealed::Key;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Rows as they were before a statement and as it left them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// File with the key that seals them: 64 hex digits. Without one nothing is kept, and nothing can be taken back.
    pub secret_key_file: Option<PathBuf>,
    /// The key, from the environment.
    #[serde(skip_serializing)]
    pub secret_key: Secret,
    /// Most rows that one statement touches of one table.
    pub rows: u64,
    /// Most megabytes that their values take, before and after.
    pub megabytes: usize,
    /// They are kept for so long.
    pub days: u32,
}

impl Default for Backup {
    fn default() -> Self {
        Self { secret_key_file: None, secret_key: Secret::default(), rows: 10_000, megabytes: 16, days: 30 }
    }
}

impl Backup {
    /// The key, where there is one.
    ///
    /// # Errors
    /// It is none, in a sentence.
    pub fn key(&self) -> Result<Option<Key>, String> {
        if self.secret_key.is_empty() {
            return Ok(None);
        }
        let key = Key::of_hex(self.secret_key.expose());
        key.map(Some).map_err(|error| format!("`backup.secret_key`: {error}"))
    }

    /// What is wrong, in sentences.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let within = |key: &str, value: u64, most: u64| {
            let wrong = value == 0 || value > most;
            wrong.then(|| format!("`backup.{key}` is {value}; write a number from 1 to {most}"))
        };
        let faults = [
            within("rows", self.rows, 1_000_000),
            // A part with one row must fit into a packet of the store.
            within("megabytes", self.megabytes as u64, 24),
            within("days", u64::from(self.days), 3_650),
        ];
        faults.into_iter().flatten().collect()
    }

    /// So much of each statement.
    #[must_use]
    pub fn most(&self) -> Most {
        Most { rows: self.rows, bytes: self.megabytes.saturating_mul(1 << 20) }
    }

    /// For so long.
    #[must_use]
    pub fn last(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.days))
    }
}
