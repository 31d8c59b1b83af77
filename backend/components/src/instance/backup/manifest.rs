//! What is known of a backup, in a file beside it.

use super::BackupPlace;
use crate::instance::InstanceError;
use chrono::{DateTime, Utc};
use dbdesk_cluster::step::CopyBy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MOST_MANIFEST_BYTES: usize = 4 << 20;
const MOST_CONTENT_BYTES: usize = 16 << 20;

/// What a backup is taken as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// Its name, of no other one: `shop-20261128T031500Z`.
    pub id: String,
    /// The service group.
    pub of: String,
    /// By which ticket, or for what.
    pub by: String,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Its name.
    pub id: String,
    /// The service group.
    pub of: String,
    /// By which ticket, or for what.
    pub by: String,
    /// How.
    pub way: CopyBy,
    /// Family and version of the server.
    pub flavour: String,
    /// Of which server, `host:port`.
    pub source: String,
    /// When it was begun.
    pub taken_at: DateTime<Utc>,
    /// Up to where it reaches: a GTID, or a set of them.
    pub position: String,
    /// The binary log of its source that was written then.
    pub binlog: Option<String>,
    /// How long its file is.
    pub bytes: u64,
    /// Its file's SHA-256, in hex.
    pub sha256: String,
    /// The databases in it.
    pub databases: Vec<String>,
    /// When it was last restored and found whole.
    pub verified_at: Option<DateTime<Utc>>,
}

/// What must be in a backup, as far as it stood still while it was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// Database and table; the first so many.
    pub(super) tables: Vec<(String, String)>,
    /// `CHECKSUM TABLE` of some that were not written to, by [`dbdesk_undo::field::full_name`].
    pub(super) checksums: BTreeMap<String, String>,
}

impl Backup {
    /// The ending of its file's name.
    pub(super) fn ending(&self) -> &'static str {
        ending(self.way)
    }
}

pub(super) fn ending(way: CopyBy) -> &'static str {
    if way == CopyBy::MariadbBackup { ".xb.gz" } else { ".sql.gz" }
}

/// That of a backup which is whole; nothing, where there is none.
pub(super) async fn read(target: &BackupPlace<'_>, id: &str) -> Result<Option<Backup>, InstanceError> {
    let Some(bytes) = target.read(&target.at(id, ".json")?, MOST_MANIFEST_BYTES).await? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| InstanceError::Nonsense(error.to_string()))
}

pub(super) async fn write(target: &BackupPlace<'_>, backup: &Backup) -> Result<(), InstanceError> {
    let bytes = serde_json::to_vec_pretty(backup);
    let bytes = bytes.map_err(|error| InstanceError::Nonsense(error.to_string()))?;
    target.write(&target.at(&backup.id, ".json")?, &bytes).await
}

pub(super) async fn content(target: &BackupPlace<'_>, id: &str) -> Result<Content, InstanceError> {
    let path = target.at(id, ".content")?;
    let Some(bytes) = target.read(&path, MOST_CONTENT_BYTES).await? else {
        return Err(InstanceError::Gone(path));
    };
    serde_json::from_slice(&bytes).map_err(|error| InstanceError::Nonsense(error.to_string()))
}

pub(super) async fn write_content(
    target: &BackupPlace<'_>,
    id: &str,
    content: &Content,
) -> Result<(), InstanceError> {
    let bytes = serde_json::to_vec(content).map_err(|error| InstanceError::Nonsense(error.to_string()))?;
    target.write(&target.at(id, ".content")?, &bytes).await
}
