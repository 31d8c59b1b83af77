//! Why an address did not move, by who must act.

use crate::host::HostError;

/// Why an address did not move.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VipError {
    /// A host did not do it.
    #[error("{0}: {1}")]
    Host(String, #[source] HostError),
    /// This host could not be asked: it may hold it.
    #[error("{0} can not be asked whether it holds the address")]
    Unknown(String),
    /// It is not one of those that may hold it.
    #[error("{0} is none of its hosts")]
    NoHost(String),
    /// Another one holds it.
    #[error("{0} holds it")]
    HeldBy(String),
    /// A machine that is none of its hosts answers for it.
    #[error("somebody else in the network answers for it")]
    Stranger,
    /// The host has no such interface.
    #[error("{0} has no interface {1}")]
    NoInterface(String, String),
    /// keepalived does not run there.
    #[error("keepalived does not run on {0}")]
    NotRunning(String),
    /// It did not come, or did not go.
    #[error("{0} does not show what it was told")]
    NotTaken(String),
    /// What is answered can not be understood.
    #[error("{0} answers nonsense: {1}")]
    Nonsense(String, String),
}

impl VipError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        match self {
            Self::Host(_, error) => error.passes(),
            Self::Unknown(_) => true,
            _ => false,
        }
    }
}
