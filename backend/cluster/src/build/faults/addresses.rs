//! The virtual IP, and the names.

use super::{super::quoted, Asked, BuildPart, Faults};
use crate::build::group::find;
use dbdesk_cmdb::Place;
use dbdesk_commands::{
    lang::{Said, said},
    wire::cluster::{BuildName, BuildPurpose, BuildVip},
};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
};

pub(super) fn judge(asked: Asked<'_>, faults: &mut Faults) {
    match (&asked.whole.vip, asked.package.has_vip) {
        (Some(vip), true) => virtual_ip(asked, vip, faults),
        (None, true) => faults.add(
            BuildPart::Addresses,
            said!(
                "Package {name} has a virtual IP. Write a free address, the bits of its network and its interface, such as `10.0.0.50/24 eth0`.",
                "套餐 {name} 需要虚拟 IP。请填写空闲的地址、网络位数和网卡，例如 `10.0.0.50/24 eth0`。",
                name = asked.package.name
            ),
        ),
        (Some(_), false) => faults.add(
            BuildPart::Addresses,
            said!(
                "Package {name} has no virtual IP. Take it out, or choose another package.",
                "套餐 {name} 没有虚拟 IP。请去掉，或换一个套餐。",
                name = asked.package.name
            ),
        ),
        (None, false) => {}
    }
    names(asked, faults);
}

fn virtual_ip(asked: Asked<'_>, vip: &BuildVip, faults: &mut Faults) {
    let Asked { whole, known, .. } = asked;
    let mut add = |said: Said| faults.add(BuildPart::Addresses, said);
    let Ok(address) = vip.address.parse::<Ipv4Addr>() else {
        add(said!(
            "“{address}” is not an IPv4 address; a virtual IP is one, such as `10.0.0.50`.",
            "“{address}”不是 IPv4 地址；虚拟 IP 应为 `10.0.0.50` 这样的地址。",
            address = quoted(&vip.address)
        ));
        return;
    };
    let is_interface = (1..=15).contains(&vip.interface.len())
        && vip.interface.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !is_interface {
        add(said!(
            "“{interface}” is not an interface. Write that of the proxies' hosts which is in the network of {address}, such as `eth0`.",
            "“{interface}”不是网卡名。请写代理主机上与 {address} 同网段的网卡，例如 `eth0`。",
            interface = quoted(&vip.interface)
        ));
    }
    let bits = vip.prefix_bits;
    if !(8..=32).contains(&bits) {
        add(said!(
            "The network of {address} can not have {bits} bits. Write 8 to 32, mostly 24.",
            "{address} 的网络位数不能是 {bits}。请写 8 到 32，一般为 24。"
        ));
        return;
    }
    if let Some(group) = known.taken.by(&Place::Address(address.to_string())) {
        add(said!(
            "{address} is taken by “{group}”. Choose a free address.",
            "{address} 已被“{group}”占用。请选择空闲的地址。"
        ));
    }
    if let Some(host) = known.hosts.iter().find(|host| host.is(&address.to_string())) {
        add(said!(
            "{address} is the address of the host {host}. Choose a free address.",
            "{address} 是主机 {host} 的地址。请选择空闲的地址。"
        ));
    }
    for host in whole.proxies.iter().filter_map(|proxy| find(known.hosts, &proxy.host)) {
        let Ok(IpAddr::V4(own)) = host.address.parse() else { continue };
        if !is_in(own, address, bits) {
            add(said!(
                "{address}/{bits} is not in the network of {host} ({own}): nobody there would answer for it. Choose an address of that network.",
                "{address}/{bits} 与 {host}（{own}）不在同一网段，该主机无法承载它。请选择同网段的地址。"
            ));
        }
    }
}

fn is_in(one: Ipv4Addr, other: Ipv4Addr, bits: u8) -> bool {
    let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
    u32::from(one) & mask == u32::from(other) & mask
}

/// Most names of one group.
const NAMES: usize = 16;

fn names(asked: Asked<'_>, faults: &mut Faults) {
    let Asked { whole, package, .. } = asked;
    if !package.has_dns {
        if !whole.names.is_empty() {
            faults.add(
                BuildPart::Addresses,
                said!(
                    "Package {name} has no DNS names. Take them out, or choose another package.",
                    "套餐 {name} 没有域名。请去掉，或换一个套餐。",
                    name = package.name
                ),
            );
        }
        return;
    }
    let writes = whole.names.iter().filter(|dns| dns.purpose == BuildPurpose::Write).count();
    if writes == 0 || whole.names.len() > NAMES {
        faults.add(
            BuildPart::Addresses,
            said!(
                "Applications know the group of package {name} by a name. Write at least one for writes, and {NAMES} at most, such as `shop.db.example`.",
                "套餐 {name} 的应用通过域名访问。请至少填写一个写域名，最多 {NAMES} 个，例如 `shop.db.example`。",
                name = package.name
            ),
        );
    }
    let mut seen = BTreeSet::new();
    for dns in &whole.names {
        if !seen.insert(&dns.name) {
            faults.add(
                BuildPart::Addresses,
                said!(
                    "“{name}” stands there twice. Take one out.",
                    "“{name}”写了两次，请去掉一个。",
                    name = quoted(&dns.name)
                ),
            );
        }
        if let Some(said) = name(asked, dns) {
            faults.add(BuildPart::Addresses, said);
        }
    }
}

fn name(asked: Asked<'_>, dns: &BuildName) -> Option<Said> {
    let (name, zone) = (quoted(&dns.name), dns.zone.clone().unwrap_or_default());
    let zones = asked.known.zones;
    if !is_dns(&dns.name) || !is_dns(&zone) || !dns.name.ends_with(&format!(".{zone}")) {
        Some(said!(
            "“{name}” is not a DNS name within the zone “{zone}”. Write it whole, without the last dot, such as `shop.{zone}`.",
            "“{name}”不是区域“{zone}”内的域名。请写全、不带末尾的点，例如 `shop.{zone}`。",
            zone = quoted(&zone)
        ))
    } else if !zones.is_empty() && !zones.contains(&zone) {
        let all = zones.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
        Some(said!(
            "The desk makes no names in the zone “{zone}” of “{name}”; it does in {all}. Choose a name in one of those.",
            "工单台不管理“{name}”所在的区域“{zone}”，只管理 {all}。请选择这些区域内的域名。"
        ))
    } else if !dns.ttl_s.is_some_and(|ttl_s| (1..=86_400).contains(&ttl_s)) {
        Some(said!(
            "An answer for “{name}” may be kept for 1 to 86400 seconds. Leave `ttl_s` out for {usual}.",
            "“{name}”的 `ttl_s` 应为 1 到 86400 秒。不填则为 {usual}。",
            usual = asked.package.ttl_s
        ))
    } else {
        let group = asked.known.taken.by(&Place::Name(dns.name.clone()))?;
        Some(said!(
            "“{name}” leads to “{group}” already. Choose another name.",
            "“{name}”已经指向“{group}”。请换一个域名。"
        ))
    }
}

fn is_dns(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
        })
}
