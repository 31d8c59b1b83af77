//! The hosts of the servers: how many, known, apart, with free ports.

use super::{super::quoted, Asked, BuildPart, Faults};
use crate::build::{PORT, group::find};
use dbdesk_cmdb::{FailoverPolicy, Place, near::nearest};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{cluster::BuildFailover, group::InstanceRole},
};
use std::collections::BTreeSet;

/// A host that the inventory does not have.
pub(super) fn unknown(asked: Asked<'_>, name: &str) -> Said {
    let near = nearest(name, asked.known.hosts.iter().map(|host| host.name.as_str())).join(", ");
    let name = quoted(name);
    if near.is_empty() {
        said!(
            "There is no host “{name}” in the inventory. `GET /v1/hosts` lists those that there are; an admin adds one with `dbdesk inventory load`.",
            "清单里没有主机“{name}”。`GET /v1/hosts` 列出已有主机；管理员可用 `dbdesk inventory load` 添加。"
        )
    } else {
        said!(
            "There is no host “{name}” in the inventory. Did you mean: {near}?",
            "清单里没有主机“{name}”。你要找的是不是：{near}？"
        )
    }
}

pub(super) fn judge(asked: Asked<'_>, faults: &mut Faults) {
    let whole = asked.whole;
    counted(asked, faults);
    let mut add = |said: Said| faults.add(BuildPart::Hosts, said);
    let (mut hosts, mut ports) = (BTreeSet::new(), BTreeSet::new());
    for server in &whole.hosts {
        let port = server.port.unwrap_or(PORT);
        let is_again = !hosts.insert(&server.host);
        if is_again && asked.package.apart {
            add(said!(
                "Two servers would be on {host}: what ends one ends both. Package {package} wants a host for each; choose another.",
                "{host} 上会有两台服务器，一旦故障会同时失效。套餐 {package} 要求每台服务器单独一台主机，请另选。",
                host = quoted(&server.host),
                package = asked.package.name
            ));
        }
        let Some(host) = find(asked.known.hosts, &server.host) else {
            add(unknown(asked, &server.host));
            continue;
        };
        if port == 0 || !ports.insert((&host.address, port)) {
            add(said!(
                "{host}: the port {port} is asked for twice, or is none. Give each server on a host a port of its own.",
                "{host}：端口 {port} 重复或无效。请为同一主机上的每台服务器指定不同的端口。"
            ));
        }
        if let Some(group) = asked.known.taken.by(&Place::Port(host.address.clone(), port)) {
            add(said!(
                "{host}: the port {port} is taken by “{group}”. Choose another port, or another host.",
                "{host}：端口 {port} 已被“{group}”占用。请换一个端口或主机。"
            ));
        }
    }
    straight(asked, faults);
}

/// One primary, and so many replicas as the package and what is asked for need.
fn counted(asked: Asked<'_>, faults: &mut Faults) {
    let Asked { whole, package, .. } = asked;
    let of = |role| whole.hosts.iter().filter(|host| host.role == role).count();
    let (primaries, replicas) = (of(InstanceRole::Primary), of(InstanceRole::Replica));
    if primaries != 1 {
        faults.add(
            BuildPart::Hosts,
            said!(
                "{primaries} servers are to be the primary. Choose exactly one.",
                "有 {primaries} 台服务器被指定为主库，必须恰好一台。"
            ),
        );
    }
    if !package.replicas.has(replicas) {
        faults.add(
            BuildPart::Hosts,
            said!(
                "Package {name} has {wanted} replicas, and you chose {replicas}. Choose so many hosts, or another package.",
                "套餐 {name} 需要 {wanted} 台从库，而你选了 {replicas} 台。请调整主机数量或换一个套餐。",
                name = package.name,
                wanted = package.replicas.shown()
            ),
        );
    }
    if whole.hosts.is_empty() {
        return;
    }
    if replicas == 0 && whole.semi_sync == Some(true) {
        faults.add(
            BuildPart::Memory,
            Said::fixed(
                "Semi-sync needs a replica: a primary alone would wait for nobody. Choose a replica, or no semi-sync.",
                "半同步需要至少一台从库。请选择从库，或关闭半同步。",
            ),
        );
    }
    let takes_over = matches!(whole.failover, Some(BuildFailover::Confirm | BuildFailover::Auto));
    if replicas == 0 && takes_over {
        faults.add(
            BuildPart::Memory,
            said!(
                "Without a replica nothing can take the primary's place. Choose a replica, or the failover `{observe}`.",
                "没有从库就无法接替主库。请选择从库，或把 failover 设为 `{observe}`。",
                observe = FailoverPolicy::Observe.word()
            ),
        );
    }
}

/// A name says nothing of ports: where it leads straight to servers, all of them have one.
fn straight(asked: Asked<'_>, faults: &mut Faults) {
    let Asked { whole, package, .. } = asked;
    let ports: BTreeSet<u16> = whole.hosts.iter().map(|host| host.port.unwrap_or(PORT)).collect();
    if package.has_dns && package.proxies.is_none() && ports.len() > 1 {
        faults.add(
            BuildPart::Hosts,
            said!(
                "Names lead straight to the servers of package {name}, and a name says no port. Give all of them the same port.",
                "套餐 {name} 的域名直接指向服务器，而域名不包含端口。请让所有服务器使用同一端口。",
                name = package.name
            ),
        );
    }
}
