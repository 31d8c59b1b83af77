//! The DBAs' own scripts.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where they are, and how one is ended.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scripts {
    /// The folder that holds a folder for each.
    pub folder: PathBuf,
    /// One that was told to end is ended by force after so long.
    pub grace_ms: u64,
}

impl Default for Scripts {
    fn default() -> Self {
        Self { folder: PathBuf::from("scripts"), grace_ms: 10_000 }
    }
}

impl Scripts {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !(100..=600_000).contains(&self.grace_ms) {
            faults.push(format!("`scripts.grace_ms` is {}; it must be from 100 to 600000", self.grace_ms));
        }
        faults
    }
}
