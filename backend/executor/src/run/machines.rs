//! How a workflow reaches what is not a server of `MySQL`: hosts, proxies, virtual IPs, names, monitoring.

use super::{Account, steps::Trouble};
use dbdesk_cmdb::{Host, Proxy, ProxyKind, Reach, Vip};
use dbdesk_commands::lang::{Said, said};
use dbdesk_components::{
    dns::{DnsName, Names},
    host::{self, Local, Ssh, SshAccess},
    instance::{Accounts, Login},
    proxy::{
        self, HaProxy, Hostgroups, ProxySql, ProxySqlAdmin, RuntimeSocket, ServerName, haproxy_made::Made,
    },
    vip::{IpVip, Seat, VirtualAddress},
};
use dbdesk_store::host::HostRow;
use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

/// How programs are run on other machines.
#[derive(Debug, Clone)]
pub struct SshKeys {
    /// The desk's private key.
    pub key_file: PathBuf,
    /// The keys of hosts. Who is not in it is not spoken to.
    pub known_hosts_file: PathBuf,
    /// A folder of ours alone, for connections that are shared.
    pub folder: PathBuf,
}

/// The desk's own accounts of a service group, by its name and its databases.
pub type OwnAccounts = Arc<dyn Fn(&str, &[String]) -> Accounts + Send + Sync>;

/// A name and a password, by a group's name.
pub type Looks = Arc<dyn Fn(&str) -> Login + Send + Sync>;

/// What is needed for that.
#[derive(Clone)]
pub struct Machines {
    /// For hosts that are reached by ssh.
    pub ssh: Option<SshKeys>,
    /// The zones that the desk writes, by name.
    pub zones: BTreeMap<String, Arc<dyn Names>>,
    /// The account at the admin port of `ProxySQL`s.
    pub proxysql: Option<Account>,
    /// The authority that signed the certificates of those that are not on this machine.
    pub proxysql_ca_file: Option<PathBuf>,
    /// Where Prometheus reads what it looks at (`file_sd_configs`).
    pub file_sd_dir: Option<PathBuf>,
    /// The desk's own accounts of a group.
    pub own: OwnAccounts,
    /// The account that looks at servers of a group, by its name.
    pub looks: Option<Looks>,
    /// Who replicas log in as at their source.
    pub replication: Option<Login>,
    /// The names of the desk's own accounts, whose sessions are not ended.
    pub own_users: Vec<String>,
}

impl fmt::Debug for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machines")
    }
}

/// The hosts of the inventory that a step names.
pub(super) struct Hosts<'a> {
    pub(super) machines: &'a Machines,
    pub(super) rows: &'a [HostRow],
}

impl<'a> Hosts<'a> {
    /// The host that is called so, or has this address.
    pub(super) fn row(&self, name: &str) -> Result<&'a Host, Trouble> {
        let row = self.rows.iter().map(|row| &row.host).find(|host| host.is(name));
        row.ok_or_else(|| Trouble::stays(said!("the inventory has no host {name}", "清单中没有主机 {name}")))
    }

    /// How programs are run there.
    pub(super) fn host(&self, name: &str) -> Result<(Arc<dyn host::Host>, &'a Host), Trouble> {
        let row = self.row(name)?;
        Ok((self.reached(row)?, row))
    }

    fn reached(&self, row: &Host) -> Result<Arc<dyn host::Host>, Trouble> {
        Ok(match &row.reach {
            Reach::Here => Arc::new(Local::new(&row.name)),
            Reach::Namespace { namespace } => Arc::new(Local::in_namespace(namespace)),
            Reach::Ssh { user, port } => {
                let keys = self.machines.ssh.as_ref().ok_or_else(|| {
                    Trouble::stays(Said::fixed(
                        "this machine has no key for other hosts; `[cluster] ssh_key_file` names it",
                        "这台机器没有登录其他主机的密钥；请在 `[cluster] ssh_key_file` 中配置",
                    ))
                })?;
                let access = SshAccess {
                    address: row.address.clone(),
                    port: *port,
                    user: user.clone(),
                    key_file: keys.key_file.clone(),
                    known_hosts_file: keys.known_hosts_file.clone(),
                    folder: keys.folder.clone(),
                };
                let ssh = Ssh::new(&row.name, &access);
                Arc::new(ssh.map_err(|error| Trouble::stays(plain(&error)))?)
            }
        })
    }

    /// A proxy that the desk makes, or made, on its host.
    pub(super) fn made(&self, on: &str, (group, proxy): (&str, &Proxy)) -> Result<Made, Trouble> {
        let (host, row) = self.host(on)?;
        Ok(Made::new(host, &row.folder, (group, proxy.write_port)))
    }

    /// A proxy, however it is steered.
    pub(super) fn proxy(&self, group: &str, proxy: &Proxy) -> Result<Arc<dyn proxy::Proxy>, Trouble> {
        let stays = |error: &dyn fmt::Display| Trouble::stays(plain(error));
        match proxy.kind {
            ProxyKind::Haproxy => {
                let name = |end: &str| format!("{group}{end}").parse::<ServerName>();
                let writer = (
                    name("_write").map_err(|error| stays(&error))?,
                    "primary".parse().map_err(|error| stays(&error))?,
                );
                let at = if proxy.admin.starts_with('/') {
                    match self.host(&proxy.host) {
                        Ok((host, _)) => RuntimeSocket::On(host, proxy.admin.clone()),
                        Err(_) => RuntimeSocket::Unix(PathBuf::from(&proxy.admin)),
                    }
                } else {
                    RuntimeSocket::Tcp(proxy.admin.parse().map_err(|error| stays(&error))?)
                };
                Ok(Arc::new(HaProxy::new(at, writer, name("_read").map_err(|error| stays(&error))?)))
            }
            ProxyKind::Proxysql => Ok(Arc::new(self.proxysql(proxy)?.0)),
        }
    }

    /// A `ProxySQL`, and the hostgroup of it that takes this group's writes.
    pub(super) fn proxysql(&self, proxy: &Proxy) -> Result<(ProxySql, u32), Trouble> {
        let stays = |error: &dyn fmt::Display| Trouble::stays(plain(error));
        let account = self.machines.proxysql.as_ref().ok_or_else(|| {
            Trouble::stays(Said::fixed(
                "this machine has no account for ProxySQL; `[cluster] proxysql_user` names it",
                "这台机器没有 ProxySQL 的管理账号；请在 `[cluster] proxysql_user` 中配置",
            ))
        })?;
        let hostgroups = proxy.hostgroups.ok_or_else(|| {
            Trouble::stays(said!(
                "the inventory does not say which hostgroups of {proxy} are this group's",
                "清单没有写明 {proxy} 上属于该服务组的 hostgroup"
            ))
        })?;
        let admin = ProxySqlAdmin {
            address: proxy.admin.parse().map_err(|error| stays(&error))?,
            user: account.user.clone(),
            password: account.password.clone(),
            ca_file: self.machines.proxysql_ca_file.clone(),
        };
        let hostgroups = Hostgroups { writer: hostgroups.writer, reader: hostgroups.reader };
        let open = ProxySql::new(admin, hostgroups).map_err(|error| stays(&error))?;
        Ok((open, hostgroups.writer))
    }

    /// A virtual IP with the hosts that may hold it.
    pub(super) fn vip(&self, vip: &Vip) -> Result<IpVip, Trouble> {
        let stays = |error: &dyn fmt::Display| Trouble::stays(plain(error));
        let address: VirtualAddress =
            format!("{}/{}", vip.address, vip.prefix_bits).parse().map_err(|error| stays(&error))?;
        let seats = vip.hosts.iter().map(|name| {
            let (host, _) = self.host(name)?;
            let interface = vip.interface.parse().map_err(|error| stays(&error))?;
            Ok(Seat { host, interface })
        });
        Ok(IpVip::new(address, seats.collect::<Result<_, Trouble>>()?))
    }

    /// The zone that a name is in.
    pub(super) fn names(&self, zone: &str) -> Result<Arc<dyn Names>, Trouble> {
        self.machines.zones.get(zone).cloned().ok_or_else(|| {
            Trouble::stays(said!(
                "this machine does not write the zone {zone}; [[cluster.zone]] names it",
                "这台机器不能修改域 {zone}；请在 [[cluster.zone]] 中配置"
            ))
        })
    }
}

/// A name, as DNS has it.
pub(super) fn dns_name(text: &str) -> Result<DnsName, Trouble> {
    text.parse().map_err(|error| Trouble::stays(plain(&error)))
}

/// What has no words of its own in both languages.
pub(super) fn plain(error: &dyn fmt::Display) -> Said {
    let text = error.to_string();
    said!("{text}", "{text}")
}
