//! Planned changes of a group, as lists of steps. Pure: made of the inventory alone and of what is handed in, all faults told at once.
//!
//! * [`switchover`] another server becomes the primary, and no write is lost
//! * [`add_replica`], [`remove_replica`] a server more or less
//! * [`backup`] backups, a table of one, and replicas beside their primary
//! * [`parameters`] options of the servers, one server after the other; [`known`] what is known of options
//! * [`retire`] a group is taken away, its data kept
//! * [`part`] one part by itself: a proxy, a virtual IP, a name, a server

pub mod add_replica;
pub mod backup;
pub mod known;
pub mod parameters;
pub mod part;
pub mod remove_replica;
pub mod retire;
pub mod switchover;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use crate::{
    build::labels,
    step::{At, LeadsTo, Reader, Step},
};
use dbdesk_cmdb::{
    GroupStage, Host, Instance, InstanceState, Proxy, Purpose, ServiceGroup, group::USUAL_WEIGHT,
};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};
use std::net::{IpAddr, SocketAddr};

/// A replica that is to be the primary, or to be read from, lags less than so long.
pub const LAG_MS: u64 = 10_000;
/// How long a connection waits at a proxy that is made again while nobody takes writes.
pub const PATIENCE_S: u16 = 10;

/// What a plan is made of.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The group, as the inventory has it.
    pub group: &'a ServiceGroup,
    /// Its version.
    pub seen: u64,
    /// The hosts that its servers and proxies are on, and those that are to be used.
    pub hosts: &'a [Host],
}

impl<'a> Subject<'a> {
    /// The server that people mean by `host:port`; by the host's name in the inventory, too.
    fn instance(&self, named: &str) -> Result<&'a Instance, Said> {
        let is = |instance: &&Instance| {
            instance.to_string() == named
                || self
                    .host(&instance.host)
                    .is_some_and(|host| format!("{}:{}", host.name, instance.port) == named)
        };
        self.group.instances.iter().find(is).ok_or_else(|| {
            let there = list(&self.group.instances);
            said!(
                "{group} has no server “{named}”; it has {there}.",
                "{group} 没有服务器“{named}”；它的服务器有 {there}。",
                group = self.group.name
            )
        })
    }

    /// The host of the inventory that an instance or a proxy with this `host` is on.
    fn host(&self, host: &str) -> Option<&'a Host> {
        self.hosts.iter().find(|one| one.is(host))
    }

    /// Where programs are run for a server.
    fn at(&self, instance: &Instance) -> Result<At, Said> {
        let host = self.host(&instance.host).ok_or_else(|| no_host(&instance.host))?;
        Ok(At { on: host.name.clone(), address: instance.host.clone(), port: instance.port })
    }

    /// The proxy that people mean by `host:port`; left out, the only one.
    fn proxy(&self, named: Option<&str>) -> Result<&'a Proxy, Said> {
        let all = &self.group.proxies;
        match named {
            None if all.len() == 1 => all.first(),
            None => None,
            Some(named) => all.iter().find(|proxy| proxy.to_string() == named),
        }
        .ok_or_else(|| {
            let (group, there) = (&self.group.name, list(all));
            if all.is_empty() {
                said!("{group} has no proxies.", "{group} 没有代理。")
            } else {
                said!("Say which proxy of {group}: {there}.", "请写明 {group} 的哪个代理：{there}。")
            }
        })
    }

    /// The address that a server is known by in a name.
    fn address(&self, instance: &Instance) -> String {
        self.host(&instance.host).map_or_else(|| instance.host.clone(), |host| host.address.clone())
    }

    /// Where a name leads that leads to these servers.
    fn leads_to(&self, instances: &[&Instance]) -> Option<LeadsTo> {
        let addresses: Vec<String> = instances.iter().map(|instance| self.address(instance)).collect();
        leads_to(&addresses)
    }

    /// Where a name leads by the inventory: to the virtual IP, else to the proxies, else to the servers; nothing where there are none.
    #[must_use]
    pub fn name_leads(&self, purpose: Purpose) -> Option<LeadsTo> {
        let vips: Vec<String> = self
            .group
            .vips
            .iter()
            .filter(|vip| vip.purpose == purpose)
            .map(|vip| vip.address.to_string())
            .collect();
        let serves = |proxy: &&Proxy| purpose == Purpose::Write || proxy.read_port.is_some();
        let of = |proxy: &Proxy| {
            self.host(&proxy.host).map_or_else(|| proxy.host.clone(), |host| host.address.clone())
        };
        let proxies: Vec<String> = self.group.proxies.iter().filter(serves).map(of).collect();
        if !vips.is_empty() {
            leads_to(&vips)
        } else if !proxies.is_empty() {
            leads_to(&proxies)
        } else {
            self.leads_to(&straight(self.group, purpose))
        }
    }

    /// The names that lead straight to servers become what they are after a change, and are led there.
    fn put_names(&self, becomes: &ServiceGroup) -> Vec<Step> {
        let after = Subject { group: becomes, ..*self };
        let mut steps = Vec::new();
        for name in &self.group.names {
            let (was, to) = (self.name_leads(name.purpose), after.name_leads(name.purpose));
            if let Some(to) = to.filter(|to| was.as_ref() != Some(to)) {
                steps.push(Step::PutName { name: name.clone(), to, was });
            }
        }
        steps
    }

    /// What monitoring is told when the servers change.
    fn monitored(&self, becomes: &ServiceGroup) -> Step {
        Step::Monitor {
            group: becomes.name.clone(),
            labels: labels(becomes),
            targets: addresses(becomes),
            was: addresses(self.group),
        }
    }

    /// What the inventory says before and after.
    fn inventory(was: &ServiceGroup, becomes: &ServiceGroup) -> Step {
        Step::Inventory { becomes: Box::new(becomes.clone()), was: Box::new(was.clone()) }
    }

    /// What keeps a group from being changed at all.
    fn standing(&self) -> Option<Said> {
        let name = &self.group.name;
        match self.group.stage {
            GroupStage::InService => None,
            GroupStage::Building => Some(said!("{name} is still being built.", "{name} 还在搭建中。")),
            GroupStage::Retired => Some(said!("{name} is retired.", "{name} 已经下线。")),
        }
    }

    /// A server that is being made or taken away: two changes at once are none.
    fn unfinished(&self) -> Option<Said> {
        let at_work = self.group.instances.iter().find(|one| one.state == InstanceState::Building)?;
        Some(said!(
            "{at_work} is being made or taken away; let that end first.",
            "{at_work} 正在创建或移除，请先等它完成。"
        ))
    }
}

/// The servers that a name or an address of this purpose leads to where nothing stands between.
fn straight(group: &ServiceGroup, purpose: Purpose) -> Vec<&Instance> {
    match purpose {
        Purpose::Write => group.primary().into_iter().collect(),
        Purpose::Read => {
            let replicas = replicas(group);
            if replicas.is_empty() { group.primary().into_iter().collect() } else { replicas }
        }
    }
}

/// The replicas that are read from.
fn replicas(group: &ServiceGroup) -> Vec<&Instance> {
    let reads = |one: &&Instance| one.role == InstanceRole::Replica && one.state == InstanceState::InService;
    group.instances.iter().filter(reads).collect()
}

/// The proxies that have a port for reads.
fn reading(group: &ServiceGroup) -> impl Iterator<Item = &Proxy> {
    group.proxies.iter().filter(|proxy| proxy.read_port.is_some())
}

/// A server as it stands in a reading pool.
fn reader(instance: &Instance) -> Reader {
    Reader { address: instance.to_string(), weight: u16::from(instance.weight.unwrap_or(USUAL_WEIGHT)) }
}

fn leads_to(addresses: &[String]) -> Option<LeadsTo> {
    let parsed: Result<Vec<IpAddr>, _> = addresses.iter().map(|one| one.parse()).collect();
    match parsed {
        Ok(all) if !all.is_empty() => Some(LeadsTo::Addresses(all)),
        // A name that leads to a name leads to one only.
        _ => addresses.first().map(|one| LeadsTo::Name(one.clone())),
    }
}

fn addresses(group: &ServiceGroup) -> Vec<String> {
    let known = group.instances.iter().filter(|one| one.state != InstanceState::Building);
    known.map(ToString::to_string).collect()
}

fn list<T: std::fmt::Display>(all: &[T]) -> String {
    let all: Vec<String> = all.iter().map(ToString::to_string).collect();
    all.join(", ")
}

fn no_host(host: &str) -> Said {
    said!(
        "The inventory knows no host “{host}”, so that no program can be run there. Write it into the inventory file as a [[host]] and load it.",
        "清单里没有主机“{host}”，无法在上面执行程序。请在清单文件里写一个 [[host]] 并加载。"
    )
}

fn follow(replica: &Instance, source: &Instance) -> Step {
    Step::Server(dbdesk_cmdb::drift::ServerStep::Follow {
        host: replica.host.clone(),
        port: replica.port,
        source_host: source.host.clone(),
        source_port: source.port,
    })
}

fn unfollow(replica: &Instance, source: &Instance) -> Step {
    Step::Unfollow { host: replica.host.clone(), port: replica.port, was: source.to_string() }
}

fn read_only(instance: &Instance, on: bool) -> Step {
    let (host, port) = (instance.host.clone(), instance.port);
    Step::Server(dbdesk_cmdb::drift::ServerStep::ReadOnly { host, port, on })
}

/// `host:port`, with an IPv6 address as it is written.
fn joined(host: &str, port: u16) -> String {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => SocketAddr::from((address, port)).to_string(),
        _ => format!("{host}:{port}"),
    }
}
