//! Why a proxy did not do it, by who must act.

use super::{Address, Pool, ServerName};

/// Why a proxy did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// Nobody answers there.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Time,
    /// Somebody is still connected through this server.
    #[error("somebody is still connected through {0}")]
    Busy(ServerName),
    /// It does not let us in.
    #[error("it refuses: {0}")]
    Denied(String),
    /// It has no such pool.
    #[error("it has no {0} pool of this name")]
    NoPool(Pool),
    /// The pool has no such server.
    #[error("its {0} pool has no server {1}")]
    NoServer(Pool, ServerName),
    /// There is one of this name, and it is another one.
    #[error("{0} is there already, at {1}")]
    Taken(ServerName, Address),
    /// Only numbers are understood there.
    #[error("{0} is no IP address")]
    NotAnAddress(Address),
    /// It can not be done with this program, or in this pool.
    #[error("that can not be done here: {0}")]
    Impossible(&'static str),
    /// Its own monitor moves servers between the pools, by `read_only`.
    #[error("it goes by read_only itself: mysql_replication_hostgroups has this group")]
    Governed,
    /// What somebody else has begun there would be loaded as well.
    #[error("somebody's changes to other hostgroups are not loaded yet")]
    Unloaded,
    /// It says no, in its own words.
    #[error("it says: {0}")]
    Refused(String),
    /// It said yes, and shows something else.
    #[error("it does not show what it was told: {0}")]
    NotTaken(String),
    /// It answers what can not be understood.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl ProxyError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Time | Self::Busy(_))
    }
}
