//! The parts of a service group by the inventory: what can be changed by itself.

use super::{Failure, planning::names_of_hosts, reviewing::group};
use crate::desk::Desk;
use dbdesk_cluster::plan::Subject;
use dbdesk_cmdb::{Host, InstanceState, Purpose, ServiceGroup, Within, group::USUAL_WEIGHT};
use dbdesk_commands::wire::{
    group::InstanceRole,
    workflow::{NamePart, NamePurpose, PartsView, ProxyPart, ServerPart, VipPart},
};
use dbdesk_store::host;

/// Lists them.
pub async fn list(desk: &Desk, within: &Within, name: &str) -> Result<PartsView, Failure> {
    let row = group(desk, within, name).await?;
    let rows = host::among(&desk.store, &names_of_hosts(&row.group)).await?;
    let hosts: Vec<Host> = rows.into_iter().map(|row| row.host).collect();
    Ok(view(&row.group, row.version, &hosts))
}

fn view(group: &ServiceGroup, version: u64, hosts: &[Host]) -> PartsView {
    let host = |of: &str| hosts.iter().find(|host| host.is(of)).map(|host| host.name.clone());
    let is_read = |one: &&dbdesk_cmdb::Instance| {
        one.role == InstanceRole::Replica && one.state == InstanceState::InService
    };
    let writer = group.primary().map(ToString::to_string).unwrap_or_default();
    let readers: Vec<String> = group.instances.iter().filter(is_read).map(ToString::to_string).collect();
    let mut servers: Vec<ServerPart> = group
        .instances
        .iter()
        .map(|one| ServerPart {
            server: one.to_string(),
            role: one.role,
            state: one.state.word().to_owned(),
            weight: one.weight.unwrap_or(USUAL_WEIGHT),
            host: host(&one.host),
        })
        .collect();
    servers.sort_by_key(|one| one.role != InstanceRole::Primary);
    let subject = Subject { group, seen: version, hosts };
    PartsView {
        service_group: group.name.clone(),
        version,
        servers,
        proxies: group
            .proxies
            .iter()
            .map(|proxy| ProxyPart {
                proxy: proxy.to_string(),
                kind: proxy.kind.word().to_owned(),
                admin: proxy.admin.clone(),
                read_port: proxy.read_port,
                writer: writer.clone(),
                readers: if proxy.read_port.is_some() { readers.clone() } else { Vec::new() },
            })
            .collect(),
        vips: group
            .vips
            .iter()
            .map(|vip| VipPart {
                vip: vip.to_string(),
                interface: vip.interface.clone(),
                hosts: vip.hosts.clone(),
                purpose: purpose(vip.purpose),
            })
            .collect(),
        names: group
            .names
            .iter()
            .map(|name| NamePart {
                name: name.name.clone(),
                zone: name.zone.clone(),
                ttl_s: name.ttl_s,
                purpose: purpose(name.purpose),
                leads_to: subject.name_leads(name.purpose).map(|to| to.to_string()).unwrap_or_default(),
            })
            .collect(),
    }
}

fn purpose(purpose: Purpose) -> NamePurpose {
    match purpose {
        Purpose::Write => NamePurpose::Write,
        Purpose::Read => NamePurpose::Read,
    }
}
