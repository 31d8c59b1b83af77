//! A replica more: made, given the data of another, and read from when it has caught up.

use super::{LAG_MS, Subject, follow, joined, known, list, no_host, reader, reading};
use crate::{
    build::{acknowledges, server_id},
    statement::Dialect,
    step::{At, CopyBy, InstanceSpec, Step},
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{Host, Instance, InstanceState};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};
use std::collections::BTreeMap;

/// Servers of one group, at most.
pub const INSTANCES: usize = 32;
/// The share of a host's memory that a buffer pool may have, in percent.
pub const POOL_PERCENT: u64 = 80;
/// The least buffer pool.
pub const POOL_LEAST_MB: u32 = 64;

/// What may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<'a> {
    /// The host of the inventory, by its name.
    pub host: &'a str,
    /// Its port there.
    pub port: u16,
    /// Whose data it gets, `host:port`; left out: a replica's, or the primary's where there is none.
    pub from: Option<&'a str>,
    /// How; left out: the fastest that the flavour knows.
    pub by: Option<CopyBy>,
    /// Memory for the pages of `InnoDB`; left out: half of what the host has.
    pub buffer_pool_mb: Option<u32>,
    /// Other options of the server.
    pub parameters: &'a BTreeMap<String, String>,
    /// The `server_id` of each server of the group.
    pub server_ids: &'a [u32],
    /// Its share of the reads; left out: the usual one.
    pub weight: Option<u8>,
}

/// The plan.
///
/// # Errors
/// Everything that speaks against it.
pub fn add_replica(subject: &Subject<'_>, choice: &Choice<'_>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().chain(subject.unfinished()).collect();
    let host = subject.hosts.iter().find(|one| one.name == choice.host);
    let host = ok_or(host.ok_or_else(|| no_host(choice.host)), &mut faults);
    let from = ok_or(source(subject, choice.from), &mut faults);
    let pool = host.and_then(|host| ok_or(pool(host, choice.buffer_pool_mb), &mut faults));
    let by = ok_or(copied(&group.flavour, choice.by), &mut faults);
    if let Err(found) = known::check(&group.flavour, choice.parameters) {
        faults.extend(found);
    }
    if let Some(host) = host {
        faults.extend(taken(subject, host, choice.port));
    }
    let (Some(host), Some(from), Some(pool), Some(by), Some(primary), true) =
        (host, from, pool, by, group.primary(), faults.is_empty())
    else {
        return Err(faults);
    };
    let mut made = Instance::new(host.address.clone(), choice.port, InstanceRole::Replica);
    (made.weight, made.state) = (choice.weight, InstanceState::Building);
    let (mut building, mut becomes) = (group.clone(), group.clone());
    building.instances.push(made.clone());
    made.state = InstanceState::InService;
    becomes.instances.push(made.clone());
    let at = At { on: host.name.clone(), address: host.address.clone(), port: choice.port };
    let mut parameters = choice.parameters.clone();
    if group.semi_sync == Some(true) {
        parameters.insert(acknowledges(&group.flavour).to_owned(), "ON".to_owned());
    }
    let mut server_id = server_id(&host.address, choice.port);
    while choice.server_ids.contains(&server_id) {
        server_id = server_id.checked_add(1).unwrap_or(1);
    }
    let spec = InstanceSpec { flavour: group.flavour.clone(), server_id, buffer_pool_mb: pool, parameters };
    let mut steps = vec![
        // Its address is taken before anything is made there.
        Subject::inventory(group, &building),
        Step::MakeInstance { at: at.clone(), spec },
        Step::CopyData { from: subject.at(from).map_err(|fault| vec![fault])?, to: at.clone(), by },
        Step::StartInstance { at: at.clone() },
        Step::SetPosition { at },
        follow(&made, primary),
        Step::Lag { replica: made.to_string(), most_ms: LAG_MS },
    ];
    steps.extend(reading(group).map(|proxy| Step::AddReader { proxy: proxy.clone(), reader: reader(&made) }));
    steps.extend(subject.put_names(&becomes));
    steps.extend([subject.monitored(&becomes), Subject::inventory(&building, &becomes)]);
    Ok(Workflow {
        aim: Aim::AddReplica,
        group: group.name.clone(),
        seen: subject.seen,
        document: None,
        steps,
    })
}

fn ok_or<T>(found: Result<T, Said>, faults: &mut Vec<Said>) -> Option<T> {
    found.map_err(|fault| faults.push(fault)).ok()
}

/// Whose data it gets: a replica is asked before the primary is.
fn source<'a>(subject: &Subject<'a>, named: Option<&str>) -> Result<&'a Instance, Said> {
    let Some(named) = named else {
        let replica = super::replicas(subject.group).first().copied();
        return replica.or_else(|| subject.group.primary()).ok_or_else(|| {
            said!("{group} has no servers.", "{group} 没有服务器。", group = subject.group.name)
        });
    };
    subject.instance(named)
}

/// How the data comes, where the flavour knows it.
fn copied(flavour: &str, by: Option<CopyBy>) -> Result<CopyBy, Said> {
    let dialect = Dialect::of_flavour(flavour);
    match (by, dialect) {
        (None | Some(CopyBy::MariadbBackup), Dialect::MariaDb) => Ok(CopyBy::MariadbBackup),
        (None | Some(CopyBy::Clone), Dialect::MySql) => Ok(CopyBy::Clone),
        (None, Dialect::OldMySql) | (Some(CopyBy::Dump), _) => Ok(CopyBy::Dump),
        (Some(CopyBy::MariadbBackup), _) => Err(said!(
            "mariadb-backup does not copy {flavour}; take `clone` or `dump`.",
            "mariadb-backup 不能复制 {flavour}，请用 `clone` 或 `dump`。"
        )),
        (Some(CopyBy::Clone), _) => Err(said!(
            "{flavour} has no clone plugin; take `mariadb_backup` or `dump`.",
            "{flavour} 没有 clone 插件，请用 `mariadb_backup` 或 `dump`。"
        )),
    }
}

fn pool(host: &Host, asked: Option<u32>) -> Result<u32, Said> {
    let most = host.memory_mb.map(|memory| u32::try_from(memory * POOL_PERCENT / 100).unwrap_or(u32::MAX));
    let half = host.memory_mb.map(|memory| u32::try_from(memory / 2).unwrap_or(u32::MAX));
    match asked.or(half) {
        None => Err(said!(
            "The inventory does not say how much memory {host} has: give `buffer_pool_mb`.",
            "清单里没有 {host} 的内存大小：请写明 `buffer_pool_mb`。"
        )),
        Some(pool) if pool < POOL_LEAST_MB => Err(said!(
            "A buffer pool of {pool} MB is too small; {POOL_LEAST_MB} is the least.",
            "{pool} MB 的缓冲池太小，至少 {POOL_LEAST_MB} MB。"
        )),
        Some(pool) => match most {
            Some(most) if pool > most => Err(said!(
                "A buffer pool of {pool} MB is too much for {host}; {most} is the most.",
                "{pool} MB 的缓冲池超出 {host} 的内存，最多 {most} MB。"
            )),
            _ => Ok(pool),
        },
    }
}

fn taken(subject: &Subject<'_>, host: &Host, port: u16) -> Vec<Said> {
    let group = subject.group;
    let mut faults = Vec::new();
    if port == 0 {
        faults.push(said!("Port 0 is none.", "端口不能是 0。"));
    }
    if let Some(there) = group.instances.iter().find(|one| one.port == port && host.is(&one.host)) {
        faults.push(said!(
            "{there} is a server of {group} already.",
            "{there} 已经是 {group} 的服务器。",
            group = group.name
        ));
    }
    let is_there = |proxy: &&dbdesk_cmdb::Proxy| {
        host.is(&proxy.host) && (proxy.write_port == port || proxy.read_port == Some(port))
    };
    if let Some(proxy) = group.proxies.iter().find(is_there) {
        faults.push(said!(
            "The proxy {proxy} listens on port {port} of {host} already.",
            "代理 {proxy} 已经在 {host} 上监听端口 {port}。"
        ));
    }
    if group.instances.len() >= INSTANCES {
        faults.push(said!(
            "{group} has {INSTANCES} servers, which is the most: {there}.",
            "{group} 已有 {INSTANCES} 个服务器，达到上限：{there}。",
            group = group.name,
            there = list(&group.instances)
        ));
    }
    if joined(&host.address, port).len() > 255 {
        faults.push(said!("The address of {host} is too long.", "{host} 的地址太长。"));
    }
    faults
}
