//! What pools are made of.

use std::{fmt, net::IpAddr, str::FromStr};

const MOST_NAME_BYTES: usize = 64;
const MOST_HOST_BYTES: usize = 253;

/// What can not be what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no {1}")]
pub struct Nonsense(pub String, pub &'static str);

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pool {
    /// Takes writes.
    Writer,
    /// Takes reads.
    Reader,
}

impl fmt::Display for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Writer { "write" } else { "read" })
    }
}

/// A server's name in its pool. It goes into commands and files: it has nothing that would mean something there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerName(String);

impl ServerName {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServerName {
    type Err = Nonsense;
    fn from_str(text: &str) -> Result<Self, Nonsense> {
        let good = |c: char| c.is_ascii_alphanumeric() || "_.:-[]".contains(c);
        let first = text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
        if first && text.len() <= MOST_NAME_BYTES && text.chars().all(good) {
            return Ok(Self(text.to_owned()));
        }
        Err(Nonsense(text.to_owned(), "name of a server"))
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a server listens: a host's name or address, and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// Checks the host.
    pub fn new(host: &str, port: u16) -> Result<Self, Nonsense> {
        let good = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let name = host.len() <= MOST_HOST_BYTES
            && host.starts_with(|c: char| c.is_ascii_alphanumeric())
            && host.chars().all(good);
        if port != 0 && (name || host.parse::<IpAddr>().is_ok()) {
            return Ok(Self { host: host.to_owned(), port });
        }
        Err(Nonsense(format!("{host}:{port}"), "address of a server"))
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The host, if it is an address.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl FromStr for Address {
    type Err = Nonsense;
    fn from_str(text: &str) -> Result<Self, Nonsense> {
        let nonsense = || Nonsense(text.to_owned(), "address of a server");
        let (host, port) = text.rsplit_once(':').ok_or_else(nonsense)?;
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Self::new(inner.unwrap_or(host), port.parse().map_err(|_| nonsense())?)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// A server's share of its pool, from 0 to 256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(u16);

impl Weight {
    /// As if nothing were said.
    pub const ONE: Self = Self(1);
    const MOST: u16 = 256;

    /// Checks it.
    pub fn new(weight: u16) -> Result<Self, Nonsense> {
        if weight <= Self::MOST { Ok(Self(weight)) } else { Err(Nonsense(weight.to_string(), "weight")) }
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a server is to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// New connections.
    Ready,
    /// Only those it has.
    Drain,
    /// None.
    Maint,
}

/// What the proxy's own checks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It answers.
    Up,
    /// It does not.
    Down,
    /// It is not asked.
    Unchecked,
}

/// A server in a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// In its pool.
    pub name: ServerName,
    /// Where it listens.
    pub address: Address,
    /// Its share.
    pub weight: Weight,
    /// What it is asked for.
    pub state: State,
    /// Whether it answers.
    pub health: Health,
    /// Connections through it now.
    pub sessions: u32,
}

/// What a proxy does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pools {
    /// Takes writes: mostly one.
    pub writer: Vec<Server>,
    /// Takes reads.
    pub reader: Vec<Server>,
    /// New connections for writes wait.
    pub held: bool,
}

impl Pools {
    /// Where writes go, if they go to one place.
    #[must_use]
    pub fn written_to(&self) -> Option<&Address> {
        let mut ready = self.writer.iter().filter(|server| server.state == State::Ready);
        match (self.held, ready.next(), ready.next()) {
            (false, Some(server), None) => Some(&server.address),
            _ => None,
        }
    }

    /// A server of a pool.
    #[must_use]
    pub fn server(&self, pool: Pool, name: &ServerName) -> Option<&Server> {
        self.pool(pool).iter().find(|server| server.name == *name)
    }

    /// One of the two.
    #[must_use]
    pub fn pool(&self, pool: Pool) -> &[Server] {
        match pool {
            Pool::Writer => &self.writer,
            Pool::Reader => &self.reader,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_mean_something_to_a_proxy_is_no_name_and_no_address() {
        for bad in ["", "a b", "a;b", "a\nb", "a/b", "-a", "a'b", "a,b", &"x".repeat(65)] {
            assert!(bad.parse::<ServerName>().is_err(), "{bad:?}");
        }
        for bad in ["", "a", "a:", "a:0", "a:65536", ":3306", "a b:1", "a;b:1", "a'b:1", "-a:1", "::1:x"] {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
        for good in ["db1.example.com:3306", "192.0.2.1:3306", "[2001:db8::1]:3306"] {
            assert_eq!(good.parse::<Address>().unwrap().to_string(), good);
        }
        assert!(Weight::new(257).is_err());
    }
}
