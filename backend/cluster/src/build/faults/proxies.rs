//! The proxies: how many, known, apart, with free ports.

use super::{super::quoted, Asked, BuildPart, Faults, hosts::unknown};
use crate::build::{
    PORT,
    group::{find, socket},
};
use dbdesk_cmdb::Place;
use dbdesk_commands::lang::{Said, said};
use std::collections::BTreeSet;

/// Longest path of a socket that a kernel takes.
const SOCKET_BYTES: usize = 100;

pub(super) fn judge(asked: Asked<'_>, faults: &mut Faults) {
    let Asked { whole, package, known } = asked;
    let count = whole.proxies.len();
    let mut add = |said: Said| faults.add(BuildPart::Proxies, said);
    let Some(wanted) = package.proxies else {
        if count > 0 {
            add(said!(
                "Package {name} has no proxies. Take them out, or choose another package.",
                "套餐 {name} 没有代理。请去掉代理，或换一个套餐。",
                name = package.name
            ));
        }
        return;
    };
    if !wanted.count.has(count) {
        add(said!(
            "Package {name} has {wanted} proxies, and you chose {count}. Choose so many hosts for them.",
            "套餐 {name} 需要 {wanted} 台代理，而你选了 {count} 台。请调整代理主机数量。",
            name = package.name,
            wanted = wanted.count.shown()
        ));
    }
    let mut hosts = BTreeSet::new();
    for proxy in &whole.proxies {
        if !hosts.insert(&proxy.host) {
            add(said!(
                "Two proxies would be on {host}. Choose a host for each.",
                "{host} 上会有两台代理。请为每台代理选择不同的主机。",
                host = quoted(&proxy.host)
            ));
            continue;
        }
        let Some(host) = find(known.hosts, &proxy.host) else {
            add(unknown(asked, &proxy.host));
            continue;
        };
        let (write, read) = (proxy.write_port.unwrap_or_default(), proxy.read_port);
        if socket(host, (&whole.name, write)).len() > SOCKET_BYTES {
            add(said!(
                "{host}: its folder has so long a path that a proxy's socket does not fit. Choose another host, or shorten the folder in the inventory.",
                "{host}：目录路径太长，放不下代理的套接字。请换一台主机，或在清单里缩短目录。"
            ));
        }
        if write == 0 || read == Some(0) || read == Some(write) {
            add(said!(
                "{host}: the proxy needs two ports, one for writes and another for reads.",
                "{host}：代理需要两个不同的端口，分别用于写和读。"
            ));
        }
        for port in [Some(write), read].into_iter().flatten().filter(|port| *port > 0) {
            let is_server = |server: &dbdesk_commands::wire::cluster::BuildHost| {
                server.port.unwrap_or(PORT) == port
                    && find(known.hosts, &server.host).is_some_and(|other| other.address == host.address)
            };
            let other = known.taken.by(&Place::Port(host.address.clone(), port));
            if let Some(group) = other {
                add(said!(
                    "{host}: the port {port} is taken by “{group}”. Give the proxy another port, or choose another host.",
                    "{host}：端口 {port} 已被“{group}”占用。请为代理换一个端口或主机。"
                ));
            } else if whole.hosts.iter().any(is_server) {
                add(said!(
                    "{host}: the port {port} is that of a server which you put there. Give the proxy another port, or choose another host.",
                    "{host}：端口 {port} 已分配给同一主机上的服务器。请为代理换一个端口或主机。"
                ));
            }
        }
    }
}
