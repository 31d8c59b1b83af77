//! A whole `haproxy.cfg` for a service group. Pure.
//!
//! Writes have one server that is pointed elsewhere by the runtime API. It is not checked: whether a primary lives is for the
//! desk to say, and a server that is down would refuse those who are to wait. Who comes while it is held is tried again every
//! few milliseconds.

use super::{Address, HaProxy, Nonsense, ServerName, Weight};
use std::{fmt::Write as _, net::SocketAddr};

/// How a reader is asked how it is; also of one that is added later, which takes nothing from the file.
pub(super) const READER_OPTIONS: &str = "inter 1000 fall 3 rise 2 on-marked-down shutdown-sessions";
/// Held connections are tried again so often.
const HOLD_EVERY_MS: u32 = 50;

/// How readers are asked how they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// Whether the port can be connected to. Servers count that as an error of the host's (`max_connect_errors`).
    Connect,
    /// By the protocol's handshake, as an account without a password and without rights.
    Handshake {
        /// Its name.
        user: String,
    },
}

/// What one HAProxy does for a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HaproxyConfig {
    /// The group's name; its backends are `GROUP_write`, with the server `primary`, and `GROUP_read`.
    pub group: String,
    /// Where writes come in.
    pub write: SocketAddr,
    /// Where reads come in.
    pub read: SocketAddr,
    /// Where writes go; held at first, if it is nobody.
    pub primary: Option<Address>,
    /// Where reads go.
    pub readers: Vec<(ServerName, Address, Weight)>,
    /// How readers are checked.
    pub check: Check,
    /// The runtime API: a socket that only its owner may open.
    pub socket: String,
    /// Connections at the same time.
    pub most_sessions: u32,
    /// Those who come while writes are held wait so long.
    pub patience_s: u32,
}

impl HaproxyConfig {
    /// The backend for writes and its server, and the backend for reads.
    pub fn names(&self) -> Result<((ServerName, ServerName), ServerName), Nonsense> {
        let name = |end: &str| format!("{}{end}", self.group).parse::<ServerName>();
        Ok(((name("_write")?, "primary".parse()?), name("_read")?))
    }

    /// The file.
    ///
    /// # Errors
    /// What would mean something else in it.
    pub fn text(&self) -> Result<String, Nonsense> {
        let ((writer, slot), reader) = self.names()?;
        let socket = plain_path(&self.socket)?;
        let primary = match &self.primary {
            Some(address) => address.clone(),
            None => Address::new(HaProxy::HOLD.0, HaProxy::HOLD.1)?,
        };
        let retries = self.patience_s.saturating_mul(1_000 / HOLD_EVERY_MS);
        let (most, write, read) = (self.most_sessions, self.write, self.read);
        let mut text = format!(
            "# Written by dbdesk for {group}. What is changed by hand is overwritten.
global
    maxconn {most}
    stats socket {socket} mode 600 level admin
    stats timeout 10s

defaults
    mode tcp
    maxconn {most}
    option clitcpka
    option srvtcpka
    timeout client 8h
    timeout server 8h

frontend {writer}
    bind {write}
    default_backend {writer}

backend {writer}
    option redispatch 1
    retries {retries}
    timeout connect {HOLD_EVERY_MS}ms
    timeout queue {patience}s
    server {slot} {primary}

frontend {reader}
    bind {read}
    default_backend {reader}

backend {reader}
    balance leastconn
    option redispatch
    retries 3
    timeout connect 1s
    timeout queue 5s
",
            group = self.group,
            patience = self.patience_s,
        );
        if let Check::Handshake { user } = &self.check {
            let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if user.is_empty() || user.len() > 32 || !user.chars().all(good) {
                return Err(Nonsense(user.clone(), "name of an account"));
            }
            let _ = writeln!(text, "    option mysql-check user {user}");
        }
        let _ = writeln!(text, "    default-server {READER_OPTIONS}");
        for (name, address, weight) in &self.readers {
            let _ = writeln!(text, "    server {name} {address} weight {weight} check");
        }
        Ok(text)
    }
}

/// A path in which nothing is read as something else.
fn plain_path(path: &str) -> Result<&str, Nonsense> {
    let good = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if path.starts_with('/') && path.chars().all(good) {
        return Ok(path);
    }
    Err(Nonsense(path.to_owned(), "path of a socket"))
}
