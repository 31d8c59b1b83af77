//! From where an account may connect.

use dbdesk_commands::lang::{Said, said};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Longest host name that every served version takes.
pub const HOST_CHARS: usize = 60;

/// How wide a host pattern may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostPolicy {
    /// Whether `%` may be asked for.
    pub any_host: bool,
    /// The shortest prefix of a network: 16 lets /16 and narrower pass.
    pub widest_prefix: u8,
}

impl Default for HostPolicy {
    fn default() -> Self {
        Self { any_host: false, widest_prefix: 16 }
    }
}

/// One host, or the hosts of a network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum HostPattern {
    /// `%`.
    Any,
    /// The server's own machine.
    Localhost,
    /// One address.
    Address(IpAddr),
    /// An IPv4 network: its first address, and the bits that count (1 to 31).
    Network(Ipv4Addr, u8),
    /// A name that the server looks up; one with `skip_name_resolve` never does.
    Name(String),
}

impl HostPattern {
    /// Reads what a person typed, within the policy.
    pub fn parse(text: &str, policy: HostPolicy) -> Result<Self, Said> {
        let text = text.trim();
        if let Some((first, "0" | "0.0.0.0")) = text.split_once('/')
            && first.parse::<Ipv4Addr>().is_ok()
        {
            return Err(too_wide(text, policy.widest_prefix));
        }
        let pattern = Self::read(text)?;
        match pattern {
            Self::Any if !policy.any_host => Err(said!(
                "% lets the whole world knock, and policy does not allow it: name the application's addresses or network, such as 10.1.0.0/16",
                "% 允许来自任何地方的连接，策略不允许：请填写应用的地址或网段，例如 10.1.0.0/16"
            )),
            Self::Network(_, prefix) if prefix < policy.widest_prefix => {
                Err(too_wide(text, policy.widest_prefix))
            }
            pattern => Ok(pattern),
        }
    }

    /// Reads one whatever policy says: as typed, or as a server has it.
    pub fn read(text: &str) -> Result<Self, Said> {
        match text {
            "%" => return Ok(Self::Any),
            "localhost" => return Ok(Self::Localhost),
            _ => {}
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return one(address);
        }
        if let Some((first, bits)) = text.split_once('/') {
            return network(text, first, bits);
        }
        name(text)
    }

    /// Whether a connection from this address is one of its; a name is not looked up.
    #[must_use]
    pub fn covers(&self, client: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Localhost => client == "localhost",
            Self::Address(address) => client.parse() == Ok(*address),
            Self::Network(first, prefix) => client
                .parse::<Ipv4Addr>()
                .is_ok_and(|client| client.to_bits() & mask(*prefix) == first.to_bits()),
            Self::Name(name) => client.eq_ignore_ascii_case(name),
        }
    }
}

fn too_wide(text: &str, widest: u8) -> Said {
    // Of all addresses there is no network, whatever policy says.
    let widest = widest.max(1);
    said!(
        "{text} is wider than policy allows: a network is /{widest} or narrower; name the application's own",
        "{text} 超出了策略允许的范围：网段须为 /{widest} 或更小；请填写应用自己的网段"
    )
}

/// The bits of the mask of a prefix from 1 to 32.
fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

fn one(address: IpAddr) -> Result<HostPattern, Said> {
    match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => Err(said!(
            "servers see {v6} as an IPv4 address: write it so",
            "服务器会把 {v6} 视为 IPv4 地址：请按 IPv4 填写"
        )),
        address if address.is_unspecified() => Err(said!(
            "no client has the address {address}: name the application's addresses",
            "客户端不会有 {address} 这样的地址：请填写应用的地址"
        )),
        address => Ok(HostPattern::Address(address)),
    }
}

/// `10.1.0.0/16` or `10.1.0.0/255.255.0.0`.
fn network(text: &str, first: &str, bits: &str) -> Result<HostPattern, Said> {
    if first.parse::<Ipv6Addr>().is_ok() {
        return Err(said!(
            "{text}: neither MySQL nor MariaDB knows IPv6 networks: name the single addresses, or an IPv4 network",
            "{text}：MySQL 和 MariaDB 都不支持 IPv6 网段：请逐个填写地址，或使用 IPv4 网段"
        ));
    }
    let wrong = || {
        said!(
            "a network is written as 10.1.0.0/16; “{text}” is none",
            "网段写作 10.1.0.0/16；“{text}”不是网段",
            text = text.chars().take(HOST_CHARS).collect::<String>()
        )
    };
    let first: Ipv4Addr = first.parse().map_err(|_| wrong())?;
    let prefix = match bits.parse::<u8>() {
        Ok(prefix) => prefix,
        Err(_) => prefix_of(bits.parse().map_err(|_| wrong())?).ok_or_else(wrong)?,
    };
    if !(1..=32).contains(&prefix) {
        return Err(wrong());
    }
    let start = Ipv4Addr::from_bits(first.to_bits() & mask(prefix));
    if start != first {
        return Err(said!(
            "{first} is inside of the network and not its start: write {start}/{prefix} for the network, or {first} for the one host",
            "{first} 在网段之内而不是网段的起始地址：网段请写 {start}/{prefix}，单个主机请写 {first}"
        ));
    }
    if prefix == 32 { one(IpAddr::V4(first)) } else { Ok(HostPattern::Network(first, prefix)) }
}

fn prefix_of(netmask: Ipv4Addr) -> Option<u8> {
    let bits = netmask.to_bits();
    let prefix = bits.leading_ones();
    (bits.checked_shl(prefix).unwrap_or(0) == 0).then_some(prefix as u8)
}

fn name(text: &str) -> Result<HostPattern, Said> {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let lower = text.to_ascii_lowercase();
    let looks_like_an_address = lower.split('.').next_back().is_some_and(|last| last.parse::<u32>().is_ok());
    if lower.len() > HOST_CHARS || looks_like_an_address || !lower.split('.').all(label) {
        return Err(said!(
            "a host is an address (10.1.2.3), an IPv4 network (10.1.0.0/16), localhost or a host name of at most {HOST_CHARS} \
             characters, without % or _; “{shown}” is none of these",
            "主机须为地址（10.1.2.3）、IPv4 网段（10.1.0.0/16）、localhost 或最多 {HOST_CHARS} 个字符的主机名，不能含 % 或 _；“{shown}”都不是",
            shown = text.chars().filter(|letter| !letter.is_control()).take(HOST_CHARS).collect::<String>()
        ));
    }
    Ok(HostPattern::Name(lower))
}

impl fmt::Display for HostPattern {
    /// As both servers take it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("%"),
            Self::Localhost => f.write_str("localhost"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Network(first, prefix) => write!(f, "{first}/{}", Ipv4Addr::from_bits(mask(*prefix))),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text).map_err(|said| said.en.into_owned())
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_commands::lang::Lang;
    use proptest::prelude::*;

    fn written(text: &str) -> String {
        HostPattern::parse(text, HostPolicy::default()).expect("a host").to_string()
    }

    #[test]
    fn a_network_is_written_with_its_netmask_and_an_address_as_servers_print_it() {
        assert_eq!(written("10.1.0.0/16"), "10.1.0.0/255.255.0.0");
        assert_eq!(written("10.1.0.0/255.255.0.0"), "10.1.0.0/255.255.0.0");
        assert_eq!(written("10.1.2.3/32"), "10.1.2.3");
        assert_eq!(written("FE80:0:0::1"), "fe80::1");
        assert_eq!(written("App-1.shop.Example"), "app-1.shop.example");
    }

    #[test]
    fn a_refused_host_says_how_to_write_it() {
        let texts = [
            "%",
            "10.%",
            "10.0.0.0/8",
            "10.1.2.3/16",
            "0.0.0.0/0",
            "10.1.0.0/255.0.255.0",
            "fe80::/64",
            "::ffff:10.0.0.1",
            "0.0.0.0",
            "300.1.1.1",
            "a_b",
            "",
            "10.1.0.0/33",
            "x'@'%",
        ];
        let said = texts
            .map(|text| HostPattern::parse(text, HostPolicy::default()).expect_err(text))
            .into_iter()
            .flat_map(|said| [Lang::En, Lang::Zh].map(|lang| said.in_lang(lang).to_owned()))
            .collect::<Vec<_>>()
            .join("\n");
        insta::assert_snapshot!(said);
    }

    #[test]
    fn policy_may_allow_any_host() {
        let policy = HostPolicy { any_host: true, widest_prefix: 8 };
        assert_eq!(HostPattern::parse("%", policy), Ok(HostPattern::Any));
        assert!(HostPattern::parse("10.0.0.0/8", policy).is_ok());
    }

    #[test]
    fn a_network_covers_its_own_addresses_only() {
        let network = HostPattern::read("10.1.0.0/16").expect("a network");
        assert!(network.covers("10.1.255.1"));
        assert!(!network.covers("10.2.0.1"));
        assert!(!network.covers("localhost"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_itself(address in any::<u32>(), prefix in 1_u8..=32) {
            let first = Ipv4Addr::from_bits(address & mask(prefix));
            if let Ok(pattern) = HostPattern::read(&format!("{first}/{prefix}")) {
                prop_assert_eq!(HostPattern::read(&pattern.to_string()), Ok(pattern));
            }
        }

        #[test]
        fn no_text_makes_a_host_with_a_wildcard_or_a_quote(text in "\\PC{0,40}") {
            if let Ok(pattern) = HostPattern::parse(&text, HostPolicy::default()) {
                let wild = |letter| matches!(letter, '%' | '_' | '\'' | '`' | '"' | '\\' | '@');
                prop_assert!(!pattern.to_string().contains(wild));
            }
        }
    }
}
