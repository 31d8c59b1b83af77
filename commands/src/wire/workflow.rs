//! Changes of a service group as they are asked for, and the parts that it has.

use crate::{
    lang::{Lang, Said},
    wire::group::InstanceRole,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Body of `POST /v1/service-groups/{name}/workflows`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowRequest {
    /// What is asked for.
    pub change: Change,
    /// Why, for the one who approves.
    pub reason: String,
    /// When: `now`, `quiet`, a time. Absent: `now`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The language of the card and the thread; absent: `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

/// A change of a service group. Servers and proxies are `host:port` as the inventory has them; a proxy that is left out is the only one, or, for
/// reads, each that has a port for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Another server becomes the primary.
    Switchover {
        /// Which.
        to: String,
        /// It lags less than so long when it begins; absent: 10 s.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        most_lag_ms: Option<u32>,
        /// The primary is read from, too: reading pools stay as they are.
        #[serde(default)]
        primary_reads: bool,
    },
    /// A replica is made, given data, and read from.
    AddReplica {
        /// On this host of the inventory.
        host: String,
        /// Its port; absent: 3306.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
        /// Whose data it gets; absent: a replica's, else the primary's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// How; absent: the fastest that the flavour knows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<CopyMethod>,
        /// Memory for the pages of `InnoDB`; absent: half of the host's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buffer_pool_mb: Option<u32>,
        /// Other options of the server.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        parameters: BTreeMap<String, String>,
        /// Its share of the reads; absent: 100.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weight: Option<u8>,
    },
    /// A replica is taken away; its data is kept aside.
    RemoveReplica {
        /// Which.
        server: String,
    },
    /// All of it is taken away; its data is kept aside.
    Retire {},
    /// A backup is taken as the inventory says, and verified by restoring it.
    Backup {},
    /// A table as it was at a moment comes beside the one that is there.
    RestoreTable {
        /// Its database.
        database: String,
        /// Its name.
        table: String,
        /// The moment: `2026-11-28 14:05` in the group's time zone, or with a zone.
        until: String,
        /// The name that it gets; absent: one made of its name and the moment.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        becomes: Option<String>,
    },
    /// The replicas are compared with the primary, table by table.
    Compare {},
    /// Options of all servers change, one server after the other.
    Parameters {
        /// By name.
        values: BTreeMap<String, String>,
        /// Who becomes the primary, where the primary has to be restarted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// New connections for writes wait.
    ProxyHold {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
    },
    /// New connections for writes go there.
    ProxyPoint {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        /// There.
        to: String,
    },
    /// A server is asked for no new reads.
    ProxyDrain {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        /// Which server.
        server: String,
    },
    /// A server is asked for reads again.
    ProxyReady {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        /// Which server.
        server: String,
    },
    /// A server's share of the reads.
    ProxyWeight {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        /// Which server.
        server: String,
        /// Its share.
        weight: u8,
    },
    /// A server comes to the reading pool.
    ProxyAdd {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        /// Which server.
        server: String,
        /// Its share; absent: the inventory's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weight: Option<u8>,
    },
    /// A server leaves the reading pool.
    ProxyRemove {
        /// Which proxy.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proxy: Option<String>,
        /// Which server.
        server: String,
    },
    /// A virtual IP goes to a host.
    VipMove {
        /// Its address.
        vip: String,
        /// The host, by its name or address.
        to: String,
    },
    /// A virtual IP is on no host.
    VipRelease {
        /// Its address.
        vip: String,
    },
    /// A name leads there; one that is not in the inventory comes to it.
    DnsSet {
        /// The name, whole.
        name: String,
        /// Addresses, or one name.
        to: Vec<String>,
        /// Its zone; absent: as it is, or what follows its first dot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
        /// How long an answer may be kept; absent: as it is, or 5 s.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ttl_s: Option<u32>,
        /// What it is for; absent: as it is, or writes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        purpose: Option<NamePurpose>,
    },
    /// A name leads nowhere, and leaves the inventory.
    DnsRemove {
        /// The name, whole.
        name: String,
    },
    /// A server is started.
    InstanceStart {
        /// Which.
        server: String,
    },
    /// A server is shut down.
    InstanceStop {
        /// Which.
        server: String,
    },
    /// A server takes no writes, or takes them.
    InstanceReadOnly {
        /// Which.
        server: String,
        /// Whether it takes none.
        on: bool,
    },
    /// A replica follows another server.
    InstanceFollow {
        /// Which.
        server: String,
        /// Whom.
        source: String,
    },
    /// Options of one server. Those that are read at the start only wait for its next start.
    InstanceParameters {
        /// Which.
        server: String,
        /// By name.
        values: BTreeMap<String, String>,
    },
}

/// How data is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CopyMethod {
    /// `mariadb-backup`.
    MariadbBackup,
    /// The clone plugin of `MySQL`.
    Clone,
    /// A dump in one transaction.
    Dump,
}

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NamePurpose {
    /// Writes.
    Write,
    /// Reads.
    Read,
}

/// Answer of `GET /v1/service-groups/{name}/parts`: what the inventory has of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartsView {
    /// The service group.
    pub service_group: String,
    /// The inventory's version.
    pub version: u64,
    /// Its servers, the primary first.
    pub servers: Vec<ServerPart>,
    /// Its proxies.
    pub proxies: Vec<ProxyPart>,
    /// Its virtual IPs.
    pub vips: Vec<VipPart>,
    /// Its names.
    pub names: Vec<NamePart>,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServerPart {
    /// `host:port`.
    pub server: String,
    /// What it is.
    pub role: InstanceRole,
    /// What it is used for: `in_service`, `drained`, `building`.
    pub state: String,
    /// Its share of the reads.
    pub weight: u8,
    /// The host of the inventory that it is on; absent: none that the inventory knows, so that it can neither be started nor shut down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProxyPart {
    /// `host:port` of writes.
    pub proxy: String,
    /// Its program.
    pub kind: String,
    /// Where it is steered.
    pub admin: String,
    /// Where reads are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_port: Option<u16>,
    /// Where writes go.
    pub writer: String,
    /// Where reads go.
    pub readers: Vec<String>,
}

/// A virtual IP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VipPart {
    /// Its address.
    pub vip: String,
    /// The interface that carries it.
    pub interface: String,
    /// The hosts that may carry it.
    pub hosts: Vec<String>,
    /// `write` or `read`.
    pub purpose: NamePurpose,
}

/// A name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamePart {
    /// The name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// How long an answer may be kept.
    pub ttl_s: u32,
    /// What it is for.
    pub purpose: NamePurpose,
    /// Where it leads by the inventory.
    pub leads_to: String,
}

/// Answer of `GET /v1/service-groups/{name}/parameters`: the options of servers that can be changed, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptionPage {
    /// Those that its flavour has.
    pub options: Vec<OptionLine>,
}

/// An option of servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptionLine {
    /// Its name.
    pub name: String,
    /// It is taken while the server runs; else at its start only.
    pub is_dynamic: bool,
    /// What it may be, as a clause.
    pub takes: Said,
    /// The words that it may be, where it is one of few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}
