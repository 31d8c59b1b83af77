//! Clusters as they are asked for: the request as one document, what a package offers, and what comes of a request.

use crate::{lang::Said, wire::group::InstanceRole};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};
use utoipa::ToSchema;

/// Body of `POST /v1/clusters`, and of a draft of one. What is left out is as the package says; what the package does not say is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BuildRequest {
    /// What the service group is to be called.
    pub name: String,
    /// `production`, `staging` …
    pub environment: String,
    /// The team that owns it; absent: the team of the one who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Why, for the one who approves.
    pub reason: String,
    /// From which package.
    pub package: String,
    /// Family and version of its servers; absent: the package's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavour: Option<String>,
    /// IANA name of its time zone; absent: `UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What a machine of the desk must have to reach its servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// On which hosts its servers are.
    pub hosts: Vec<BuildHost>,
    /// Memory of each server for the pages of `InnoDB`; absent: the package's share of the smallest host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buffer_pool_mb: Option<u32>,
    /// Options of the servers, of those that the package lets be chosen.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// Whether the primary waits for a replica at each commit; absent: as the package says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub semi_sync: Option<bool>,
    /// What is done when its primary dies; absent: as the package says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failover: Option<BuildFailover>,
    /// The proxies in front of the servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proxies: Vec<BuildProxy>,
    /// The address that moves between the proxies' hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vip: Option<BuildVip>,
    /// The names by which applications know it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<BuildName>,
    /// Its first database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<BuildDatabase>,
    /// An account on that, which is asked for once the group is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<BuildAccount>,
    /// Whether monitoring looks at its servers; absent: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub monitoring: Option<bool>,
}

/// A server that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildHost {
    /// The host's name in the inventory.
    pub host: String,
    /// What the server is; one is the primary.
    pub role: InstanceRole,
    /// Its port; absent: 3306.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// What is done when a primary dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildFailover {
    /// It is told.
    Observe,
    /// A DBA is asked.
    Confirm,
    /// Another takes its place.
    Auto,
}

impl BuildFailover {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Confirm => "confirm",
            Self::Auto => "auto",
        }
    }
}

/// A proxy that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildProxy {
    /// The host's name in the inventory.
    pub host: String,
    /// Connections to this port reach the primary; absent: the package's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_port: Option<u16>,
    /// Connections to this port reach a replica; absent: the package's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_port: Option<u16>,
}

/// A virtual IP that is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildVip {
    /// The address.
    pub address: String,
    /// How many bits of it name the network.
    pub prefix_bits: u8,
    /// The interface that carries it, on each of the proxies' hosts.
    pub interface: String,
}

/// What a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildPurpose {
    /// To the primary.
    #[default]
    Write,
    /// To the replicas.
    Read,
}

/// A DNS name that is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildName {
    /// The name, whole and without the last dot.
    pub name: String,
    /// The zone that it is in; absent: what is behind its first dot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What it leads to; absent: to the primary.
    #[serde(default)]
    pub purpose: BuildPurpose,
    /// How long an answer may be kept; absent: the package's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u32>,
}

/// The first database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildDatabase {
    /// Its name.
    pub name: String,
    /// Its character set; absent: `utf8mb4`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
}

/// The first account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildAccount {
    /// What it is called.
    pub name: String,
    /// `ro`, `rw` or `ddl`.
    pub level: String,
    /// From where it connects: an application that the desk knows, or addresses and networks between commas.
    pub from: String,
    /// When it ends: `90d`, or a date; absent: a year after it is asked for, or as long as an account lives at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A part of a request, as it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildPart {
    /// Name, environment, team, time zone, reason.
    Identity,
    /// The package and the flavour.
    Package,
    /// The hosts of the servers.
    Hosts,
    /// Buffer pool, parameters, semi-sync, failover.
    Memory,
    /// The proxies.
    Proxies,
    /// The virtual IP and the names.
    Addresses,
    /// The first database and account.
    First,
}

/// Something that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildFault {
    /// In which part.
    pub part: BuildPart,
    /// What, and what to do.
    pub said: Said,
}

impl fmt::Display for BuildFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said.en)
    }
}

/// What a request would come to: answer of `POST /v1/clusters/check`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildCheck {
    /// Everything that is wrong with it; none: it can be filed.
    pub faults: Vec<BuildFault>,
    /// The document with all that was left out, as it would be approved; absent where its package is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<BuildRequest>,
    /// What would be done, in order; empty where something is wrong.
    #[serde(default)]
    pub steps: Vec<Said>,
    /// The group that would be built, as far as the request says it: a picture (SVG).
    #[serde(default)]
    pub picture: String,
}

/// A package, for one who chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageView {
    /// Its name.
    pub name: String,
    /// In a line.
    pub title: String,
    /// More of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What stands before the servers: `dns`, `vip`, `proxy`.
    pub layers: Vec<String>,
    /// Which may be chosen, the usual one first.
    pub flavours: Vec<String>,
    /// How many replicas: `2–8`.
    pub replicas: String,
    /// At most.
    pub most_replicas: u16,
    /// How many proxies; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxies: Option<String>,
    /// At most.
    #[serde(default)]
    pub most_proxies: u16,
    /// Options of the servers that may be chosen.
    pub parameters: Vec<ParameterOption>,
}

/// An option of a server that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParameterOption {
    /// Its name.
    pub name: String,
    /// What it may be: `1–100`, `0 | 1`.
    pub takes: String,
    /// What it is where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usual: Option<String>,
}

/// Answer of `GET /v1/packages`, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackagePage {
    /// Those that may be chosen.
    pub packages: Vec<PackageView>,
    /// What is wrong with others; for DBAs and admins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// A host, for one who chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostView {
    /// Its name.
    pub name: String,
    /// Where its servers are reached.
    pub address: String,
    /// How much memory it has; absent: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_mb: Option<u64>,
    /// Where it stands and what it is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Servers and proxies that are on it by the inventory.
    #[serde(default)]
    pub taken: u32,
}

/// Answer of `GET /v1/hosts`, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostPage {
    /// At most 25 when asked with `prefix`, else all.
    pub hosts: Vec<HostView>,
}

/// A request for a cluster while it is filled in, as it was typed. Body of `POST /v1/cluster-drafts`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BuildDraft {
    /// What the service group is to be called.
    pub name: String,
    /// Its environment.
    pub environment: String,
    /// The team that owns it; empty: that of the one who asks.
    pub team: String,
    /// Why.
    pub reason: String,
    /// Its time zone; empty: `UTC`.
    pub time_zone: String,
    /// From which package.
    pub package: String,
    /// Family and version; empty: the package's.
    pub flavour: String,
    /// Where the primary is: `HOST` or `HOST:PORT`.
    pub primary: String,
    /// Where the replicas are.
    pub replicas: Vec<String>,
    /// In megabytes; empty: the package's share.
    pub buffer_pool_mb: String,
    /// `NAME = VALUE`, one a line.
    pub parameters: String,
    /// `yes`, `no`; empty: as the package says.
    pub semi_sync: String,
    /// `observe`, `confirm`, `auto`; empty: as the package says.
    pub failover: String,
    /// Where the proxies are.
    pub proxies: Vec<String>,
    /// `10.0.0.50/24 eth0`.
    pub vip: String,
    /// `NAME`, or `NAME read`, one a line.
    pub names: String,
    /// The first database.
    pub database: String,
    /// Its character set; empty: `utf8mb4`.
    pub charset: String,
    /// The first account; empty: none.
    pub account: String,
    /// Its level.
    pub level: String,
    /// From where it connects.
    pub from: String,
}

/// Body of `PUT /v1/cluster-drafts/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildDraftPut {
    /// The version that was looked at: another one is not changed.
    pub seen: u64,
    /// What it says now.
    pub draft: BuildDraft,
}

/// A draft, and what it would come to. It is its person's alone, and forgotten a day after its last change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BuildDraftView {
    /// Its opaque id.
    pub id: String,
    /// Grows with each change.
    pub version: u64,
    /// As it was typed.
    pub draft: BuildDraft,
    /// What it would come to.
    pub check: BuildCheck,
    /// The packages that may be chosen.
    pub packages: Vec<PackageView>,
    /// At most 25 hosts that may be chosen, those that are chosen among them.
    pub hosts: Vec<HostView>,
    /// There are more.
    #[serde(default)]
    pub more_hosts: bool,
}
