//! A request with all that it left out, as the package says. What was typed is kept as it is, but for blanks around it.

use super::PORT;
use crate::package::Package;
use dbdesk_cmdb::{FailoverPolicy, Host};
use dbdesk_commands::wire::cluster::{BuildFailover, BuildRequest};
use std::collections::BTreeMap;

/// The document as it would be approved.
#[must_use]
pub fn whole(request: &BuildRequest, package: &Package, hosts: &[Host]) -> BuildRequest {
    let mut whole = request.clone();
    for text in [&mut whole.name, &mut whole.environment, &mut whole.reason] {
        trim(text);
    }
    whole.package.clone_from(&package.name);
    trim_or(&mut whole.team, None);
    trim_or(&mut whole.flavour, Some(package.flavour()));
    trim_or(&mut whole.time_zone, Some("UTC"));
    for host in &mut whole.hosts {
        trim(&mut host.host);
        host.port.get_or_insert(PORT);
    }
    if whole.buffer_pool_mb.is_none() {
        whole.buffer_pool_mb = usual_pool_mb(&whole, package, hosts);
    }
    whole.parameters = parameters(&whole.parameters, package);
    whole.semi_sync.get_or_insert(package.semi_sync);
    whole.failover.get_or_insert(failover(package.failover));
    for proxy in &mut whole.proxies {
        trim(&mut proxy.host);
        if let Some(usual) = package.proxies {
            proxy.write_port.get_or_insert(usual.write_port);
            proxy.read_port = proxy.read_port.or(usual.read_port);
        }
    }
    if let Some(vip) = &mut whole.vip {
        trim(&mut vip.address);
        trim(&mut vip.interface);
    }
    for dns in &mut whole.names {
        dns.name = dns.name.trim().trim_end_matches('.').to_lowercase();
        let behind = dns.name.split_once('.').map(|(_, zone)| zone.to_owned());
        trim_or(&mut dns.zone, behind.as_deref());
        dns.ttl_s.get_or_insert(package.ttl_s);
    }
    if let Some(database) = &mut whole.database {
        trim(&mut database.name);
        trim_or(&mut database.charset, Some("utf8mb4"));
    }
    if let Some(account) = &mut whole.account {
        for text in [&mut account.name, &mut account.level, &mut account.from] {
            trim(text);
        }
        trim_or(&mut account.until, None);
    }
    whole.monitoring.get_or_insert(true);
    whole
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
}

/// What is empty was left out.
fn trim_or(text: &mut Option<String>, or: Option<&str>) {
    let trimmed = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    *text = trimmed.or(or).map(str::to_owned);
}

/// The package's share of the smallest host, between the servers that are there together.
fn usual_pool_mb(request: &BuildRequest, package: &Package, hosts: &[Host]) -> Option<u32> {
    let of = |name: &str| {
        let host = hosts.iter().find(|host| host.name == name)?;
        let together = request.hosts.iter().filter(|other| other.host == name).count();
        let all = host.memory_mb?.saturating_mul(u64::from(package.share_percent)) / 100;
        u32::try_from(all / u64::try_from(together).ok()?.max(1)).ok()
    };
    request.hosts.iter().map(|host| of(&host.host)).min().flatten()
}

fn parameters(given: &BTreeMap<String, String>, package: &Package) -> BTreeMap<String, String> {
    let usual = package.parameters.iter().filter_map(|(name, one)| Some((name.clone(), one.usual.clone()?)));
    let given = given.iter().map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    usual.chain(given).collect()
}

fn failover(policy: FailoverPolicy) -> BuildFailover {
    match policy {
        FailoverPolicy::Observe => BuildFailover::Observe,
        FailoverPolicy::Confirm => BuildFailover::Confirm,
        FailoverPolicy::Auto => BuildFailover::Auto,
    }
}
