//! Service groups as developers see them.

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
}
