//! What a folder says of its server: by whom it was made, and with what.

use super::{InstanceError, Place};
use dbdesk_cluster::step::InstanceSpec;
use serde::{Deserialize, Serialize};

const MOST_BYTES: usize = 64 << 10;

/// How far a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its folder is there.
    Begun,
    /// It has data and accounts, and can be started.
    Made,
}

/// What stands in `instance.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// By which ticket, or for what.
    pub made_by: String,
    /// How far it is.
    pub stage: Stage,
    /// With what, as it is configured now.
    pub spec: InstanceSpec,
}

/// The name of the file.
pub(super) const MARKER: &str = "instance.json";

/// Nothing: the folder is not there. A folder without one, or with one that can not be read, is somebody else's.
pub(super) async fn found(place: &Place<'_>) -> Result<Option<Made>, InstanceError> {
    let theirs = || InstanceError::SomebodyElses { folder: place.folder.clone(), by: None };
    match place.read(&place.at(MARKER), MOST_BYTES).await? {
        Some(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| theirs()),
        None if place.exists(&place.folder).await? => Err(theirs()),
        None => Ok(None),
    }
}

/// That of an instance which can be started.
pub(super) async fn made(place: &Place<'_>) -> Result<Made, InstanceError> {
    place.checked()?;
    let made = found(place).await?;
    made.filter(|made| made.stage == Stage::Made).ok_or_else(|| InstanceError::NotMade(place.folder.clone()))
}

pub(super) fn bytes(made: &Made) -> Result<Vec<u8>, InstanceError> {
    serde_json::to_vec_pretty(made).map_err(|error| InstanceError::Nonsense(error.to_string()))
}

pub(super) async fn write(place: &Place<'_>, made: &Made) -> Result<(), InstanceError> {
    place.write(&place.at(MARKER), &bytes(made)?, 0o640).await
}

/// A name under which something may be made: part of a path.
pub(super) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
