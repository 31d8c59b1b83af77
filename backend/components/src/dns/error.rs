//! Why a name server did not do it, by who must act.

use super::{DnsName, Kind};

/// Why a name server did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    /// Nobody answers there.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Time,
    /// It can not just now.
    #[error("it is busy: {0}")]
    Busy(String),
    /// It does not know our key, or the key may not do this.
    #[error("it refuses: {0}")]
    Denied(String),
    /// It has no such zone.
    #[error("it has no zone {0}")]
    NoZone(DnsName),
    /// The name is of another zone.
    #[error("{0} is not in the zone {1}")]
    Elsewhere(DnsName, DnsName),
    /// A name that is another's can be nothing else.
    #[error("there is a record of kind {0} already, and beside a CNAME there is no other")]
    Conflict(Kind),
    /// It says no, in its own words.
    #[error("it says: {0}")]
    Refused(String),
    /// It said yes, and shows something else.
    #[error("it does not show what it was told")]
    NotTaken,
    /// It answers what can not be understood, or what nobody vouches for.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl NamesError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Time | Self::Busy(_))
    }
}
