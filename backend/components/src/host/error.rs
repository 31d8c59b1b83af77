//! Why a host did not do it, by who must act.

use super::{Command, Done};
use std::time::Duration;

/// Why a host did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Nobody answers there: nothing was begun.
    #[error("it can not be reached: {0}")]
    Unreachable(String),
    /// The connection ended in the middle. Whether it was done is not known.
    #[error("the connection broke off, and whether it was done is not known: {0}")]
    Broke(String),
    /// It was killed after so long.
    #[error("it did not end within {} s", .0.as_secs())]
    Time(Duration),
    /// It does not let us in, or it is not who it should be: a key is wrong.
    #[error("it refuses: {0}")]
    Denied(String),
    /// There is no such file.
    #[error("there is no {0}")]
    Gone(String),
    /// There is no such program.
    #[error("the program {0} is not there")]
    NoProgram(String),
    /// More than was allowed for.
    #[error("{0} is longer than {1} bytes")]
    Long(String, usize),
    /// What was to be run can not be passed on.
    #[error("these words can not be passed on: {0}")]
    Words(&'static str),
    /// It ran, and failed.
    #[error("{program} ended with {code}: {complaint}")]
    Failed {
        /// Its name.
        program: String,
        /// Its exit code.
        code: i32,
        /// The end of what it said.
        complaint: String,
    },
    /// It answered what can not be understood.
    #[error("it answers nonsense: {0}")]
    Nonsense(String),
}

impl HostError {
    /// Whether the same may succeed later.
    #[must_use]
    pub fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Broke(_) | Self::Time(_))
    }

    /// Of a command that ended with something else than 0.
    #[must_use]
    pub fn failed(command: &Command, done: &Done) -> Self {
        if done.code == NO_PROGRAM {
            return Self::NoProgram(command.program().to_owned());
        }
        Self::Failed { program: command.program().to_owned(), code: done.code, complaint: done.complaint() }
    }
}

/// What shells answer of a program that is not there.
pub(super) const NO_PROGRAM: i32 = 127;
