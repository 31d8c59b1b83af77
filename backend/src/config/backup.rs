//! How the rows that statements touch are kept.

use super::{S3, Secret};
use chrono::TimeDelta;
use dbdesk_components::mysql::undoable::Most;
use dbdesk_undo::sealed::{Key, Keys};
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
    /// Files with keys that sealed before: what they sealed is opened, and nothing is sealed by them any more.
    pub old_secret_key_files: Vec<PathBuf>,
    /// Those keys, from the environment, with commas between them.
    #[serde(skip_serializing)]
    pub old_secret_keys: Secret,
    /// Where what is sealed from now on goes.
    pub keep_in: KeepIn,
    /// S3-compatible storage.
    pub s3: Option<S3>,
    /// Most rows that one statement touches of one table.
    pub rows: u64,
    /// Most megabytes that their values take, before and after.
    pub megabytes: usize,
    /// They are kept for so long.
    pub days: u32,
}

/// Where sealed bytes are put. Those that are elsewhere are still read there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeepIn {
    /// Our own database.
    #[default]
    Database,
    /// The bucket of `[backup.s3]`.
    S3,
}

/// More old keys than this are no rotation.
const MOST_OLD: usize = 16;

impl Default for Backup {
    fn default() -> Self {
        Self {
            secret_key_file: None,
            secret_key: Secret::default(),
            old_secret_key_files: Vec::new(),
            old_secret_keys: Secret::default(),
            keep_in: KeepIn::Database,
            s3: None,
            rows: 10_000,
            megabytes: 16,
            days: 30,
        }
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

    /// All keys.
    ///
    /// # Errors
    /// One is none, in a sentence.
    pub fn keys(&self) -> Result<Keys, String> {
        let texts = self.old_secret_keys.expose().split(',').map(str::trim).filter(|text| !text.is_empty());
        let old = texts.map(Key::of_hex).collect::<Result<Vec<_>, _>>();
        let old = old.map_err(|error| format!("`backup.old_secret_keys`: {error}"))?;
        if old.len() > MOST_OLD {
            return Err(format!("`backup.old_secret_keys`: at most {MOST_OLD} keys, not {}", old.len()));
        }
        Ok(Keys { sealing: self.key()?, old })
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
        let mut faults: Vec<String> = faults.into_iter().flatten().collect();
        faults.extend(self.s3.iter().flat_map(S3::faults));
        if self.keep_in == KeepIn::S3 && self.s3.is_none() {
            faults.push("`backup.keep_in` is \"s3\"; write where that is into [backup.s3]".to_owned());
        }
        faults
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
