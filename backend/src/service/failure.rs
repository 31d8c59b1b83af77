//! How a request can end otherwise than hoped for.

use dbdesk_commands::wire::problem::Refusal;
use dbdesk_store::Error;

/// A refusal to the asker, a database that did not answer, or a fault of ours.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The asker is told what and why, in his language.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The asker's token is used too often; so many seconds later it may be used again.
    #[error("{refusal}")]
    TooOften {
        /// What he is told.
        refusal: Refusal,
        /// Seconds.
        retry_after_s: u64,
    },
    /// Our own database.
    #[error(transparent)]
    Store(#[from] Error),
    /// The same request was done already; its answer is kept.
    #[error("the same request was done already")]
    Repeated,
    /// Our fault.
    #[error(transparent)]
    Fault(#[from] anyhow::Error),
}

impl Failure {
    /// Whether trying again may help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Store(Error::Retry(_)))
    }
}
