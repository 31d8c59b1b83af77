//! What builds a group, in order: servers, who follows whom, writes, the first database, then outwards to what applications know. The inventory says
//! that it is in service once it was tried out.

use super::{BuildFault, BuildPart, BuildRequest, group::find};
use crate::{
    package::Package,
    statement::Dialect,
    step::{At, InstanceSpec, LeadsTo, ProxySpec, Reader, Step},
};
use dbdesk_cmdb::{
    GroupStage, Host, Instance, Purpose, ServiceGroup, drift::ServerStep, group::USUAL_WEIGHT,
};
use dbdesk_commands::{lang::said, wire::group::InstanceRole};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// The steps; the request has no faults.
pub(super) fn steps(
    whole: &BuildRequest,
    package: &Package,
    group: &ServiceGroup,
    hosts: &[Host],
) -> Result<Vec<Step>, BuildFault> {
    let primary = group.primary().map(ToString::to_string).unwrap_or_default();
    let mut steps = servers(whole, group, hosts);
    steps.extend(replication(group));
    if let Some(database) = &whole.database {
        steps.push(Step::MakeDatabase {
            primary: primary.clone(),
            name: database.name.clone(),
            charset: database.charset.clone().unwrap_or_else(|| "utf8mb4".to_owned()),
        });
    }
    let patience_s = package.proxies.map_or(0, |proxies| proxies.patience_s);
    for (asked, proxy) in whole.proxies.iter().zip(&group.proxies) {
        let spec = ProxySpec {
            group: group.name.clone(),
            proxy: proxy.clone(),
            writer: primary.clone(),
            readers: readers(group),
            patience_s,
        };
        steps.push(Step::MakeProxy { on: asked.host.clone(), spec });
    }
    for vip in &group.vips {
        let on = vip.hosts.first().cloned().unwrap_or_default();
        steps.push(Step::TakeVip { vip: vip.clone(), on, was: None });
    }
    for name in &group.names {
        let to = leads_to(group, name.purpose)?;
        steps.push(Step::PutName { name: name.clone(), to, was: None });
    }
    if whole.monitoring != Some(false) {
        let targets = group.instances.iter().map(ToString::to_string).collect();
        steps.push(Step::Monitor {
            group: group.name.clone(),
            labels: labels(group),
            targets,
            was: Vec::new(),
        });
    }
    let becomes = Box::new(ServiceGroup { stage: GroupStage::InService, ..group.clone() });
    steps.push(Step::TryOut { group: becomes.clone() });
    steps.push(Step::Inventory { becomes, was: Box::new(group.clone()) });
    Ok(steps)
}

/// Each server is made, then each is started.
fn servers(whole: &BuildRequest, group: &ServiceGroup, hosts: &[Host]) -> Vec<Step> {
    let mut ids = BTreeSet::new();
    let mut parameters = whole.parameters.clone();
    if whole.semi_sync == Some(true) {
        parameters.insert(acknowledges(&group.flavour).to_owned(), "ON".to_owned());
    }
    let of = |instance: &Instance| At {
        on: on_host(whole, hosts, instance),
        address: instance.host.clone(),
        port: instance.port,
    };
    let mut steps = Vec::new();
    for instance in &group.instances {
        let mut id = server_id(&instance.host, instance.port);
        while !ids.insert(id) {
            id = id.checked_add(1).unwrap_or(1);
        }
        let spec = InstanceSpec {
            flavour: group.flavour.clone(),
            server_id: id,
            buffer_pool_mb: whole.buffer_pool_mb.unwrap_or_default(),
            parameters: parameters.clone(),
        };
        steps.push(Step::MakeInstance { at: of(instance), spec });
    }
    steps.extend(group.instances.iter().map(|instance| Step::StartInstance { at: of(instance) }));
    steps
}

/// The option by which a replica says that it has what it was sent. Whether anybody waits for it is the primary's.
pub(crate) fn acknowledges(flavour: &str) -> &'static str {
    match Dialect::of_flavour(flavour) {
        Dialect::MySql => "rpl_semi_sync_replica_enabled",
        Dialect::MariaDb | Dialect::OldMySql => "rpl_semi_sync_slave_enabled",
    }
}

fn on_host(whole: &BuildRequest, hosts: &[Host], instance: &Instance) -> String {
    let is_it = |name: &&String| find(hosts, name).is_some_and(|host| host.is(&instance.host));
    let asked = whole.hosts.iter().filter(|host| host.port == Some(instance.port)).map(|host| &host.host);
    asked.into_iter().find(is_it).cloned().unwrap_or_default()
}

/// A server's number, from where it is: so another group's has another one, too, as far as 32 bits go.
#[must_use]
pub fn server_id(address: &str, port: u16) -> u32 {
    // FNV-1a.
    let text = format!("{address}:{port}");
    let hash =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.max(1)
}

/// Who follows whom, who waits for whom, and at last the primary takes writes.
fn replication(group: &ServiceGroup) -> Vec<Step> {
    let Some(primary) = group.primary() else { return Vec::new() };
    let at = |instance: &Instance| (instance.host.clone(), instance.port);
    let mut steps: Vec<Step> = group
        .instances
        .iter()
        .filter(|instance| instance.role == InstanceRole::Replica)
        .map(|replica| {
            let ((host, port), (source_host, source_port)) = (at(replica), at(primary));
            Step::Server(ServerStep::Follow { host, port, source_host, source_port })
        })
        .collect();
    let (host, port) = at(primary);
    if group.semi_sync == Some(true) {
        steps.push(Step::Server(ServerStep::SemiSync { host: host.clone(), port, on: true }));
    }
    steps.push(Step::Server(ServerStep::ReadOnly { host, port, on: false }));
    steps
}

/// The servers that take reads: the replicas, or the primary where there are none.
fn reading(group: &ServiceGroup) -> Vec<&Instance> {
    let replicas: Vec<&Instance> =
        group.instances.iter().filter(|instance| instance.role == InstanceRole::Replica).collect();
    if replicas.is_empty() { group.primary().into_iter().collect() } else { replicas }
}

fn readers(group: &ServiceGroup) -> Vec<Reader> {
    let reader =
        |instance: &Instance| Reader { address: instance.to_string(), weight: u16::from(USUAL_WEIGHT) };
    reading(group).into_iter().map(reader).collect()
}

/// Where a name leads: to what stands behind it.
fn leads_to(group: &ServiceGroup, purpose: Purpose) -> Result<LeadsTo, BuildFault> {
    let mut behind: Vec<&str> = if !group.vips.is_empty() {
        return Ok(LeadsTo::Addresses(group.vips.iter().map(|vip| vip.address).collect()));
    } else if !group.proxies.is_empty() {
        group.proxies.iter().map(|proxy| proxy.host.as_str()).collect()
    } else if purpose == Purpose::Write {
        group.primary().into_iter().map(|primary| primary.host.as_str()).collect()
    } else {
        reading(group).into_iter().map(|instance| instance.host.as_str()).collect()
    };
    // Servers of one host are one address.
    let mut seen = BTreeSet::new();
    behind.retain(|host| seen.insert(*host));
    let addresses: Result<Vec<IpAddr>, _> = behind.iter().map(|host| host.parse()).collect();
    match (addresses, behind.as_slice()) {
        (Ok(addresses), _) => Ok(LeadsTo::Addresses(addresses)),
        (Err(_), [one]) => Ok(LeadsTo::Name((*one).to_owned())),
        (Err(_), several) => {
            let list = several.join(", ");
            Err(BuildFault {
                part: BuildPart::Addresses,
                said: said!(
                    "A name leads to several hosts only by their addresses, and not all of these are addresses: {list}. Write addresses for these hosts in the \
                     inventory, or take others.",
                    "域名要对应多台主机时只能用 IP 地址，而这些并不都是地址：{list}。请在清单里为这些主机填写 IP 地址，或换用其他主机。"
                ),
            })
        }
    }
}

/// By what monitoring knows a group's servers.
pub(crate) fn labels(group: &ServiceGroup) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([
        ("group".to_owned(), group.name.clone()),
        ("environment".to_owned(), group.environment.clone()),
        ("flavour".to_owned(), group.flavour.clone()),
    ]);
    let team = group.team.iter().map(|team| ("team".to_owned(), team.clone()));
    let package = group.package.iter().map(|package| ("package".to_owned(), package.clone()));
    labels.extend(team.chain(package));
    labels
}
