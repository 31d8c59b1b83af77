//! `[inventory]`: how the servers are held against it.

use serde::{Deserialize, Serialize};

/// How often servers are looked at.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inventory {
    /// Each group's servers are looked at again after so many seconds.
    pub look_s: u32,
    /// Groups that one control looks at at the same time.
    pub looks_at_once: usize,
}

impl Default for Inventory {
    fn default() -> Self {
        Self { look_s: 30, looks_at_once: 16 }
    }
}

impl Inventory {
    /// What can not be.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !(1..=86_400).contains(&self.look_s) {
            faults.push("inventory.look_s must be 1 to 86400 seconds".to_owned());
        }
        if !(1..=256).contains(&self.looks_at_once) {
            faults.push("inventory.looks_at_once must be 1 to 256".to_owned());
        }
        faults
    }
}
