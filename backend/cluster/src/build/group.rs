//! The group that comes of a request. It is drawn while the request is still incomplete: what is not known yet stands there as it was typed, or
//! not at all.

use super::PORT;
use crate::package::Package;
use dbdesk_cmdb::{
    DnsName, FailoverPolicy, GroupStage, Host, Instance, Proxy, ProxyKind, Purpose, ServiceGroup, Vip,
};
use dbdesk_commands::wire::{
    cluster::{BuildFailover, BuildPurpose, BuildRequest},
    group::InstanceRole,
};

/// The group, as far as the request says it.
#[must_use]
pub fn sketch(whole: &BuildRequest, package: &Package, hosts: &[Host]) -> ServiceGroup {
    let address = |name: &str| find(hosts, name).map_or_else(|| name.to_owned(), |host| host.address.clone());
    let mut servers: Vec<Instance> = whole
        .hosts
        .iter()
        .map(|host| Instance::new(address(&host.host), host.port.unwrap_or(PORT), host.role))
        .collect();
    servers.sort_by_key(|server| server.role != InstanceRole::Primary);
    ServiceGroup {
        name: whole.name.clone(),
        environment: whole.environment.clone(),
        team: whole.team.clone(),
        dbas: None,
        flavour: whole.flavour.clone().unwrap_or_else(|| package.flavour().to_owned()),
        time_zone: whole.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or_default(),
        databases: whole.database.iter().map(|database| database.name.clone()).collect(),
        package: Some(package.name.clone()),
        stage: GroupStage::Building,
        failover: whole.failover.map_or(package.failover, failover),
        semi_sync: Some(whole.semi_sync.unwrap_or(package.semi_sync)),
        instances: servers,
        proxies: whole.proxies.iter().map(|proxy| in_front(whole, package, hosts, proxy)).collect(),
        vips: whole.vip.iter().filter_map(|vip| address_of(whole, vip)).collect(),
        names: whole.names.iter().map(|dns| name(dns, package)).collect(),
        backup: None,
        labels: whole.labels.clone(),
        quiet_windows: Vec::new(),
        peaks: Vec::new(),
    }
}

/// The host of the inventory with this name.
pub(super) fn find<'a>(hosts: &'a [Host], name: &str) -> Option<&'a Host> {
    hosts.iter().find(|host| host.name == name)
}

/// The hosts that a group which a request asks for is on.
#[must_use]
pub fn is_on(request: &BuildRequest) -> Vec<String> {
    let servers = request.hosts.iter().map(|host| &host.host);
    let mut names: Vec<String> = servers
        .chain(request.proxies.iter().map(|proxy| &proxy.host))
        .map(|it| it.trim().to_owned())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn in_front(
    whole: &BuildRequest,
    package: &Package,
    hosts: &[Host],
    proxy: &dbdesk_commands::wire::cluster::BuildProxy,
) -> Proxy {
    let host = find(hosts, &proxy.host);
    let usual = package.proxies;
    let write_port = proxy.write_port.or(usual.map(|usual| usual.write_port)).unwrap_or_default();
    Proxy {
        host: host.map_or_else(|| proxy.host.clone(), |host| host.address.clone()),
        kind: ProxyKind::Haproxy,
        admin: host.map(|host| socket(host, (&whole.name, write_port))).unwrap_or_default(),
        write_port,
        read_port: proxy.read_port.or(usual.and_then(|usual| usual.read_port)),
        hostgroups: None,
    }
}

/// Where the proxy of a group is steered, on its host.
pub(super) fn socket(host: &Host, (group, write_port): (&str, u16)) -> String {
    format!("{}/haproxy-{group}-{write_port}/admin.sock", host.folder)
}

fn address_of(whole: &BuildRequest, vip: &dbdesk_commands::wire::cluster::BuildVip) -> Option<Vip> {
    Some(Vip {
        address: vip.address.parse().ok()?,
        prefix_bits: vip.prefix_bits,
        interface: vip.interface.clone(),
        hosts: whole.proxies.iter().map(|proxy| proxy.host.clone()).collect(),
        purpose: Purpose::Write,
    })
}

fn name(dns: &dbdesk_commands::wire::cluster::BuildName, package: &Package) -> DnsName {
    DnsName {
        name: dns.name.clone(),
        zone: dns.zone.clone().unwrap_or_default(),
        ttl_s: dns.ttl_s.unwrap_or(package.ttl_s),
        purpose: match dns.purpose {
            BuildPurpose::Write => Purpose::Write,
            BuildPurpose::Read => Purpose::Read,
        },
    }
}

fn failover(asked: BuildFailover) -> FailoverPolicy {
    match asked {
        BuildFailover::Observe => FailoverPolicy::Observe,
        BuildFailover::Confirm => FailoverPolicy::Confirm,
        BuildFailover::Auto => FailoverPolicy::Auto,
    }
}
