//! What a service group is.

use crate::{
    backup::BackupPlan,
    calendar::Peak,
    front::{DnsName, Proxy, Vip},
    window::QuietWindow,
};
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
    /// Its share of the reads beside the others'; left out, [`USUAL_WEIGHT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u8>,
    /// What it is used for now.
    #[serde(default, skip_serializing_if = "InstanceState::is_usual")]
    pub state: InstanceState,
}

/// The share of a server that is given none.
pub const USUAL_WEIGHT: u8 = 100;

/// What a server is used for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// Applications reach it.
    #[default]
    InService,
    /// It follows, and gets no reads.
    Drained,
    /// It is being made, or taken away: what it says counts for nothing.
    Building,
}

impl InstanceState {
    /// The word in inventory and store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InService => "in_service",
            Self::Drained => "drained",
            Self::Building => "building",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_usual(&self) -> bool {
        *self == Self::InService
    }
}

/// Where a group stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupStage {
    /// It is built: its name and its servers' addresses are taken, and nothing else is asked of it.
    Building,
    /// Applications use it.
    #[default]
    InService,
    /// It is taken away: nothing new is asked of it, and what its servers say is not compared.
    Retired,
}

impl GroupStage {
    /// The word in inventory and store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::InService => "in_service",
            Self::Retired => "retired",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_usual(&self) -> bool {
        *self == Self::InService
    }
}

/// What is done when the primary of a group dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailoverPolicy {
    /// It is told.
    #[default]
    Observe,
    /// A DBA is asked.
    Confirm,
    /// Another takes its place.
    Auto,
}

impl FailoverPolicy {
    /// The word in inventory and store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Confirm => "confirm",
            Self::Auto => "auto",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_usual(&self) -> bool {
        *self == Self::Observe
    }
}

impl Instance {
    /// A server in service.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16, role: InstanceRole) -> Self {
        Self { host: host.into(), port, role, weight: None, state: InstanceState::InService }
    }
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
    /// The package that it was built from; left out: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Where it stands in its life.
    #[serde(default, skip_serializing_if = "GroupStage::is_usual")]
    pub stage: GroupStage,
    /// What is done when its primary dies.
    #[serde(default, skip_serializing_if = "FailoverPolicy::is_usual")]
    pub failover: FailoverPolicy,
    /// Whether the primary waits for a replica at each commit; left out: as it happens to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub semi_sync: Option<bool>,
    /// Its servers; one is the primary.
    #[serde(default, rename = "instance")]
    pub instances: Vec<Instance>,
    /// The proxies in front of them.
    #[serde(default, rename = "proxy", skip_serializing_if = "Vec::is_empty")]
    pub proxies: Vec<Proxy>,
    /// The addresses that move between machines.
    #[serde(default, rename = "vip", skip_serializing_if = "Vec::is_empty")]
    pub vips: Vec<Vip>,
    /// The names by which applications know it.
    #[serde(default, rename = "name_in_dns", skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<DnsName>,
    /// How it is backed up; left out: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<BackupPlan>,
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
