//! `[cluster]`: how hosts, proxies, virtual IPs and names are reached.

use super::Secret;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

/// How clusters are worked on.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// The folder of the packages that clusters are built from.
    pub packages_dir: PathBuf,
    /// The desk's private key for hosts that are reached by ssh.
    pub ssh_key_file: Option<PathBuf>,
    /// The keys of those hosts, as ssh keeps them. Who is not in it is not spoken to.
    pub ssh_known_hosts_file: Option<PathBuf>,
    /// Where Prometheus reads what it looks at.
    pub file_sd_dir: Option<PathBuf>,
    /// The account at the admin port of `ProxySQL`s.
    pub proxysql_user: String,
    /// File with its password.
    pub proxysql_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub proxysql_password: Secret,
    /// The authority that signed the certificates of those that are not on this machine.
    pub proxysql_ca_file: Option<PathBuf>,
    /// Zones of DNS that the desk writes, by name.
    pub zone: BTreeMap<String, Zone>,
}

/// A zone of DNS: an endpoint for PowerDNS, or a server and the name of a key for updates by RFC 2136.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Zone {
    /// The HTTP API of PowerDNS.
    pub endpoint: Option<String>,
    /// A server that takes signed updates.
    pub server: Option<SocketAddr>,
    /// The name of the key that signs them.
    pub key_name: Option<String>,
    /// File with the key.
    pub secret_key_file: Option<PathBuf>,
    /// The key, from the environment.
    #[serde(skip_serializing)]
    pub secret_key: Secret,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            packages_dir: PathBuf::from("packages"),
            ssh_key_file: None,
            ssh_known_hosts_file: None,
            file_sd_dir: None,
            proxysql_user: String::new(),
            proxysql_password_file: None,
            proxysql_password: Secret::default(),
            proxysql_ca_file: None,
            zone: BTreeMap::new(),
        }
    }
}

impl Cluster {
    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.ssh_key_file.is_some() != self.ssh_known_hosts_file.is_some() {
            faults.push(
                "`cluster.ssh_key_file` and `cluster.ssh_known_hosts_file` go together: without the keys of hosts none is spoken to"
                    .to_owned(),
            );
        }
        for (name, zone) in &self.zone {
            let (is_powerdns, is_update) =
                (zone.endpoint.is_some(), zone.server.is_some() && zone.key_name.is_some());
            if is_powerdns == is_update {
                faults.push(format!(
                    "`cluster.zone.\"{name}\"` has either `endpoint` (PowerDNS) or `server` and `key_name` (updates by RFC 2136)"
                ));
            }
        }
        faults
    }
}
