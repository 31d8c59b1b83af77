//! Addresses and interfaces.

use std::{fmt, net::Ipv4Addr, str::FromStr};

/// What the kernel keeps of an interface's name.
const MOST_INTERFACE_BYTES: usize = 15;

/// What can not be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no {1}")]
pub struct NoAddress(pub String, pub &'static str);

/// An address with the length of its network: `192.0.2.10/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VirtualAddress {
    ip: Ipv4Addr,
    prefix: u8,
}

impl VirtualAddress {
    /// The address.
    #[must_use]
    pub fn ip(&self) -> Ipv4Addr {
        self.ip
    }
}

impl FromStr for VirtualAddress {
    type Err = NoAddress;
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let none = || NoAddress(text.chars().take(60).collect(), "address like 192.0.2.10/24");
        let (ip, prefix) = text.split_once('/').ok_or_else(none)?;
        let (ip, prefix): (Ipv4Addr, u8) =
            (ip.parse().map_err(|_| none())?, prefix.parse().map_err(|_| none())?);
        let odd = ip.is_loopback() || ip.is_multicast() || ip.is_broadcast() || ip.is_unspecified();
        if odd || !(8..=32).contains(&prefix) { Err(none()) } else { Ok(Self { ip, prefix }) }
    }
}

impl fmt::Display for VirtualAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ip, self.prefix)
    }
}

/// A network interface's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface(String);

impl Interface {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Interface {
    type Err = NoAddress;
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let good = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if first && text.len() <= MOST_INTERFACE_BYTES && text.chars().all(good) {
            return Ok(Self(text.to_owned()));
        }
        Err(NoAddress(text.chars().take(60).collect(), "network interface"))
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_host_could_hold_is_no_address() {
        for bad in
            ["192.0.2.1", "192.0.2.1/33", "192.0.2.1/0", "127.0.0.1/8", "224.0.0.1/24", "0.0.0.0/8", "::1/64"]
        {
            assert!(bad.parse::<VirtualAddress>().is_err(), "{bad}");
        }
        assert_eq!("192.0.2.10/24".parse::<VirtualAddress>().unwrap().to_string(), "192.0.2.10/24");
        for bad in ["", "a b", "-a", "eth0;x", "eth0{", "abcdefghijklmnop"] {
            assert!(bad.parse::<Interface>().is_err(), "{bad}");
        }
        assert!("bond0.100".parse::<Interface>().is_ok());
    }
}
