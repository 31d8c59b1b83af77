//! A service group's servers and what stands in front of them: what the inventory says beside what each says now.

use super::{Failure, group_look::seen, reviewing::any_group};
use crate::desk::Desk;
use dbdesk_cmdb::{Purpose, ServiceGroup, Within, drift};
use dbdesk_commands::wire::group::{FrontLayer, FrontView, InstanceRole, InstanceView, Topology};

/// Asks all of them at once.
pub async fn topology(desk: &Desk, within: &Within, name: &str) -> Result<Topology, Failure> {
    let row = any_group(desk, within, name).await?;
    let group = row.group;
    let mut seen = seen(desk, &group).await;
    let differences = drift::differences(&group, &seen).iter().map(drift::Difference::said).collect();
    let mut instances: Vec<InstanceView> = group
        .instances
        .iter()
        .map(|instance| {
            let one = seen.iter_mut().find(|one| one.host == instance.host && one.port == instance.port);
            let (live, unreachable) =
                one.map(|one| (one.live.take(), one.unreachable.take())).unwrap_or_default();
            InstanceView {
                host: instance.host.clone(),
                port: instance.port,
                role: instance.role,
                live,
                unreachable,
                state: instance.state.word().to_owned(),
                weight: instance.weight,
            }
        })
        .collect();
    instances.sort_by_key(|instance| instance.role != InstanceRole::Primary);
    Ok(Topology {
        group: group.view(),
        instances,
        failover: group.failover.word().to_owned(),
        package: group.package.clone(),
        front: front(&group),
        differences,
        version: row.version,
    })
}

fn front(group: &ServiceGroup) -> Vec<FrontView> {
    let word = |purpose: Purpose| match purpose {
        Purpose::Write => "write".to_owned(),
        Purpose::Read => "read".to_owned(),
    };
    let one = |layer, name: String, leads_to| FrontView { layer, name, leads_to };
    let names = group.names.iter().map(|dns| one(FrontLayer::Dns, dns.name.clone(), word(dns.purpose)));
    let vips = group.vips.iter().map(|vip| one(FrontLayer::Vip, vip.to_string(), word(vip.purpose)));
    let proxies = group.proxies.iter().map(|proxy| {
        let reads = proxy.read_port.map(|port| format!(", read {port}")).unwrap_or_default();
        let name = format!("{} ({})", proxy.host, proxy.kind.word());
        one(FrontLayer::Proxy, name, format!("write {}{reads}", proxy.write_port))
    });
    names.chain(vips).chain(proxies).collect()
}
