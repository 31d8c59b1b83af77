//! What stands in front of a group's servers: DNS names, virtual IPs, proxies. An application sees the outermost of them.

use crate::group::ServiceGroup;
use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, net::IpAddr};

/// Most proxies, virtual IPs and names of one group, each.
const MOST: usize = 16;
/// Longest name of a network interface on Linux.
const INTERFACE_CHARS: usize = 15;
/// Longest DNS name.
const NAME_CHARS: usize = 253;

/// A proxy's program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProxyKind {
    /// Spoken to over its runtime API.
    Haproxy,
    /// Spoken to over its admin protocol.
    Proxysql,
}

impl ProxyKind {
    /// The word in the inventory.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Haproxy => "haproxy",
            Self::Proxysql => "proxysql",
        }
    }
}

/// A proxy in front of a group's servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Host name or address that applications connect to.
    pub host: String,
    /// Its program.
    pub kind: ProxyKind,
    /// Where it is steered: `host:port`, or the path of a socket on this machine.
    pub admin: String,
    /// Connections to this port reach the primary.
    pub write_port: u16,
    /// Connections to this port reach a replica.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_port: Option<u16>,
    /// Of a `ProxySQL`, which of its hostgroups are this group's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostgroups: Option<Hostgroups>,
}

/// Which hostgroups of a `ProxySQL` are a group's two pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hostgroups {
    /// For writes.
    pub writer: u32,
    /// For reads.
    pub reader: u32,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.write_port)
    }
}

/// What a virtual IP or a name leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To the primary.
    #[default]
    Write,
    /// To a replica.
    Read,
}

/// An address that moves between machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vip {
    /// The address.
    pub address: IpAddr,
    /// How many bits of it name the network.
    pub prefix_bits: u8,
    /// The interface that carries it, on whichever machine.
    pub interface: String,
    /// The machines that may carry it.
    pub hosts: Vec<String>,
    /// What it leads to.
    #[serde(default)]
    pub purpose: Purpose,
}

impl fmt::Display for Vip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

/// A DNS name by which applications know the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DnsName {
    /// The name, whole and without the last dot.
    pub name: String,
    /// The zone that it is in.
    pub zone: String,
    /// How long an answer may be kept.
    pub ttl_s: u32,
    /// What it leads to.
    #[serde(default)]
    pub purpose: Purpose,
}

/// All that is wrong with what stands in front of a group.
pub(crate) fn faults(group: &ServiceGroup) -> Vec<Said> {
    let name = &group.name;
    let mut faults = Vec::new();
    for (what, count) in [
        (Said::fixed("proxies", "代理"), group.proxies.len()),
        (Said::fixed("virtual IPs", "虚拟 IP"), group.vips.len()),
        (Said::fixed("DNS names", "域名"), group.names.len()),
    ] {
        if count > MOST {
            let Said { en, zh } = what;
            faults.push(said!(
                "“{name}” has {count} {en}; {MOST} is the most.",
                "“{name}”有 {count} 个{zh}，最多 {MOST} 个。"
            ));
        }
    }
    faults.extend(group.proxies.iter().filter_map(|proxy| proxy_fault(name, proxy)));
    faults.extend(group.vips.iter().filter_map(|vip| vip_fault(name, vip)));
    faults.extend(group.names.iter().filter_map(|dns| name_fault(name, dns)));
    if let Some(twice) = twice(group) {
        faults.push(said!("“{name}”: {twice} stands there twice.", "“{name}”：{twice} 写了两次。"));
    }
    faults
}

fn proxy_fault(name: &str, proxy: &Proxy) -> Option<Said> {
    let is_admin = proxy.admin.starts_with('/')
        || proxy
            .admin
            .rsplit_once(':')
            .is_some_and(|(host, port)| is_host(host) && port.parse::<u16>().is_ok_and(|port| port > 0));
    if !is_host(&proxy.host) || proxy.write_port == 0 || proxy.read_port == Some(0) {
        Some(said!("“{name}”: a proxy lacks its host or port.", "“{name}”：有代理缺少主机名或端口。"))
    } else if proxy.read_port == Some(proxy.write_port) {
        Some(said!(
            "“{name}”: the proxy {proxy} has one port for both; give its reads another `read_port`.",
            "“{name}”：代理 {proxy} 的读写端口相同，请为读流量另设 `read_port`。"
        ))
    } else if !is_admin {
        Some(said!(
            "“{name}”: the proxy {proxy} is steered at “{admin}”, which is neither `host:port` nor the path of a socket.",
            "“{name}”：代理 {proxy} 的管理地址“{admin}”既不是 `host:port`，也不是套接字路径。",
            admin = proxy.admin
        ))
    } else {
        None
    }
}

fn vip_fault(name: &str, vip: &Vip) -> Option<Said> {
    let most = if vip.address.is_ipv4() { 32 } else { 128 };
    let is_interface = (1..=INTERFACE_CHARS).contains(&vip.interface.len())
        && vip.interface.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if !(1..=most).contains(&vip.prefix_bits) {
        Some(said!(
            "“{name}”: the virtual IP {vip} has {bits} bits of network; write 1 to {most}.",
            "“{name}”：虚拟 IP {vip} 的网络位数是 {bits}，应为 1 到 {most}。",
            bits = vip.prefix_bits
        ))
    } else if !is_interface || vip.hosts.is_empty() || !vip.hosts.iter().all(|host| is_host(host)) {
        Some(said!(
            "“{name}”: the virtual IP {vip} needs an interface, such as \"eth0\", and the hosts that may carry it.",
            "“{name}”：虚拟 IP {vip} 需要网卡名（例如 \"eth0\"）和可以承载它的主机。"
        ))
    } else {
        None
    }
}

/// What is wrong with a name; `name`: its group's.
#[must_use]
pub fn name_fault(name: &str, dns: &DnsName) -> Option<Said> {
    let shown = &dns.name;
    let is_within = dns.name == dns.zone || dns.name.ends_with(&format!(".{}", dns.zone));
    if !is_dns(&dns.name) || !is_dns(&dns.zone) || !is_within {
        Some(said!(
            "“{name}”: “{shown}” is not a DNS name within its zone “{zone}”; write both whole, in lower case, without the last dot.",
            "“{name}”：“{shown}”不是区域“{zone}”内的域名；两者都要写全、小写、不带末尾的点。",
            zone = dns.zone
        ))
    } else if !(1..=86_400).contains(&dns.ttl_s) {
        Some(said!(
            "“{name}”: {shown} has a `ttl_s` of {ttl}; write 1 to 86400 seconds.",
            "“{name}”：{shown} 的 `ttl_s` 是 {ttl}，应为 1 到 86400 秒。",
            ttl = dns.ttl_s
        ))
    } else {
        None
    }
}

fn twice(group: &ServiceGroup) -> Option<String> {
    let mut seen = BTreeSet::new();
    let proxies = group.proxies.iter().map(ToString::to_string);
    let vips = group.vips.iter().map(ToString::to_string);
    let names = group.names.iter().map(|dns| dns.name.clone());
    proxies.chain(vips).chain(names).find(|one| !seen.insert(one.clone()))
}

/// Whether it may be a host's name or address.
pub(crate) fn is_host(text: &str) -> bool {
    (1..=NAME_CHARS).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:%[]".contains(&byte))
}

fn is_dns(text: &str) -> bool {
    text.len() <= NAME_CHARS
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
        })
}
