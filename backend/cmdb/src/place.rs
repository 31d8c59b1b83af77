//! What a group takes that no other may have: names, addresses, ports.

use crate::group::ServiceGroup;
use std::fmt;

/// Something that one group alone can have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A server or a proxy listens there.
    Port(String, u16),
    /// A virtual IP.
    Address(String),
    /// A DNS name.
    Name(String),
    /// A group's own name.
    Group(String),
}

/// As it is kept; what a kind is called is part of it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(host, port) => write!(f, "port {host}:{port}"),
            Self::Address(address) => write!(f, "address {address}"),
            Self::Name(name) => write!(f, "name {name}"),
            Self::Group(name) => write!(f, "group {name}"),
        }
    }
}

/// Everything that a group takes.
#[must_use]
pub fn places(group: &ServiceGroup) -> Vec<Place> {
    let mut places = vec![Place::Group(group.name.clone())];
    places.extend(group.instances.iter().map(|one| Place::Port(one.host.clone(), one.port)));
    for proxy in &group.proxies {
        let ports = [Some(proxy.write_port), proxy.read_port];
        places.extend(ports.into_iter().flatten().map(|port| Place::Port(proxy.host.clone(), port)));
    }
    places.extend(group.vips.iter().map(|vip| Place::Address(vip.to_string())));
    places.extend(group.names.iter().map(|dns| Place::Name(dns.name.clone())));
    places
}
