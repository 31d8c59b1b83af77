//! Service groups as developers see them.

use crate::{id::TicketId, lang::Said, wire::person::PersonView};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A service group: one cluster's identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupView {
    /// Its name.
    pub name: String,
    /// `production`, `staging` …
    pub environment: String,
    /// The team that owns it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub team: Option<String>,
    /// `mysql` or `mariadb` with version, such as `mariadb-10.11`.
    pub flavour: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Its databases.
    pub databases: Vec<String>,
}

/// Answer of `GET /v1/service-groups`, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupPage {
    /// At most 25 when asked with `prefix`, else all that the caller may see.
    pub groups: Vec<GroupView>,
}

/// What an instance is in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstanceRole {
    /// Takes the writes.
    Primary,
    /// Follows.
    Replica,
}

/// An instance: what the inventory says beside what the server says now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstanceView {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Its role by the inventory.
    pub role: InstanceRole,
    /// What the server says; absent when it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub live: Option<InstanceLive>,
    /// Why it could not be asked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unreachable: Option<String>,
    /// What it is used for: `in_service`, `drained`, `building`.
    #[serde(default)]
    pub state: String,
    /// Its share of the reads.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub weight: Option<u8>,
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstanceLive {
    /// `SELECT VERSION()`.
    pub version: String,
    /// `@@read_only`.
    pub read_only: bool,
    /// Its executed or binlog GTID position.
    pub gtid: String,
    /// Lag behind its source; absent on a primary or when replication is broken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lag_ms: Option<u64>,
    /// Whether both replication threads run; absent on a primary, and where the account may not look.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replicating: Option<bool>,
    /// `@@server_id`, unique in a topology.
    #[serde(default)]
    pub server_id: u64,
    /// Whether the account may look at replication.
    #[serde(default)]
    pub may_look: bool,
    /// Whom it follows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<SourceView>,
    /// Whether it waits for a replica at each commit; absent where it has no such plugin.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub semi_sync: Option<bool>,
    /// The last error of replication.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
}

/// Whom a replica follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceView {
    /// Host and port, as the replica writes them.
    pub address: String,
    /// Its `@@server_id`; 0 as long as the replica has not heard of it.
    pub server_id: u64,
}

/// Answer of `GET /v1/service-groups/{name}/topology`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Topology {
    /// The group.
    pub group: GroupView,
    /// Its instances, the primary first.
    pub instances: Vec<InstanceView>,
    /// What is done when its primary dies: `observe`, `confirm`, `auto`.
    #[serde(default)]
    pub failover: String,
    /// The package that it was built from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub package: Option<String>,
    /// What applications connect to, the outermost first: names, virtual IPs, proxies.
    #[serde(default)]
    pub front: Vec<FrontView>,
    /// In what the servers differ from the inventory now.
    #[serde(default)]
    pub differences: Vec<Said>,
    /// The inventory's version.
    #[serde(default)]
    pub version: u64,
}

/// The layer of what stands in front of servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FrontLayer {
    /// A DNS name.
    Dns,
    /// A virtual IP.
    Vip,
    /// A proxy.
    Proxy,
}

/// One thing that stands in front of servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FrontView {
    /// Its layer.
    pub layer: FrontLayer,
    /// What it is called.
    pub name: String,
    /// What it leads to, in a word or two: `write`, `read`, ports.
    pub leads_to: String,
}

/// A version of a service group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupVersion {
    /// Its number.
    pub version: u64,
    /// Since when it was so.
    pub at: DateTime<Utc>,
    /// The person who made it so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person: Option<PersonView>,
    /// What to call who did, where no person did.
    pub actor: String,
    /// The ticket that did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticket: Option<TicketId>,
    /// Why.
    pub why: String,
    /// The lines of its inventory that changed; absent for the first version that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub changes: Option<String>,
    /// All of it, as the inventory file would have it (TOML).
    pub spec: String,
}

/// Answer of `GET /v1/service-groups/{name}/history`: the newest version first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupHistory {
    /// The versions.
    pub versions: Vec<GroupVersion>,
    /// There are older ones.
    pub more: bool,
}
