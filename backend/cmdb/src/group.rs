//! What a service group is.

use crate::{calendar::Peak, window::QuietWindow};
use chrono_tz::Tz;
use dbdesk_commands::wire::group::{GroupView, InstanceRole};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A service group's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u64);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "G-{}", self.0)
    }
}

/// A server of a group, as the inventory says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What it is in its group.
    pub role: InstanceRole,
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A service group: one cluster's identity, and what dbdesk may do there and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceGroup {
    /// Its name: lower case letters, digits, `-` and `_`, at most 32.
    pub name: String,
    /// `production`, `staging` …: policy goes by it.
    pub environment: String,
    /// The team that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The group of approvers (of the policy) who are its DBAs; left out: every DBA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dbas: Option<String>,
    /// Family and version of its servers: `mariadb-10.11`, `mysql-8.4`.
    pub flavour: String,
    /// In which its quiet windows and the times people type are meant.
    pub time_zone: Tz,
    /// Its databases, in the order of their names.
    #[serde(default)]
    pub databases: Vec<String>,
    /// Its servers; one is the primary.
    #[serde(default, rename = "instance")]
    pub instances: Vec<Instance>,
    /// What a machine must have to reach its servers; see [`crate::label`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// When work that can wait may run.
    #[serde(default, rename = "quiet")]
    pub quiet_windows: Vec<QuietWindow>,
    /// When nothing starts, and long work holds.
    #[serde(default, rename = "peak", skip_serializing_if = "Vec::is_empty")]
    pub peaks: Vec<Peak>,
}

impl ServiceGroup {
    /// The server that takes the writes. A checked inventory has one in each group.
    #[must_use]
    pub fn primary(&self) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.role == InstanceRole::Primary)
    }

    /// As it crosses HTTP.
    #[must_use]
    pub fn view(&self) -> GroupView {
        GroupView {
            name: self.name.clone(),
            environment: self.environment.clone(),
            team: self.team.clone(),
            flavour: self.flavour.clone(),
            time_zone: self.time_zone.name().to_owned(),
            databases: self.databases.clone(),
        }
    }
}
