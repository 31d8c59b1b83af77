//! How a statement to our own database can fail.

use sqlx::mysql::MySqlDatabaseError;

/// What the caller may do about it is the kind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database did not answer, or not in time, or chose us as a deadlock's victim. The same again may succeed.
    #[error("the desk's own database did not answer: {0}")]
    Retry(#[source] sqlx::Error),
    /// Somebody else changed the row since it was read.
    #[error("another change came in between")]
    Conflict,
    /// It says no, or holds something that cannot be: our fault.
    #[error("{0}")]
    Fault(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Error numbers after which the same statement may succeed.
const PASSING: [u16; 17] = [
    1040, // too many connections
    1053, // the server shuts down
    1077, // normal shutdown
    1152, // the connection was aborted
    1159, // network read timeout
    1161, // network write timeout
    1184, // the connection was aborted
    1205, // lock wait timeout
    1213, // deadlock
    1290, // --read-only, while primaries change
    1317, // query interrupted
    1836, // read only mode
    1927, // the connection was killed
    1969, // max_statement_time
    3024, // max_execution_time
    4031, // disconnected for inactivity
    1226, // out of user resources
];
const DUPLICATE: u16 = 1062;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            other => number(other).is_some_and(|number| PASSING.contains(&number)),
        };
        if passing { Self::Retry(error) } else { Self::Fault(error.into()) }
    }
}

impl Error {
    /// The store holds something that cannot be.
    pub(crate) fn strange(what: impl Into<String>) -> Self {
        Self::Fault(what.into().into())
    }

    /// The database answers, but others held what this wanted: a deadlock, or a lock that did not come free in time.
    #[must_use]
    pub fn was_busy(&self) -> bool {
        match self {
            Self::Retry(source) => number(source).is_some_and(|number| matches!(number, 1205 | 1213)),
            Self::Conflict | Self::Fault(_) => false,
        }
    }

    /// A unique key said no.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        match self {
            Self::Fault(source) => source
                .downcast_ref::<sqlx::Error>()
                .and_then(number)
                .is_some_and(|number| number == DUPLICATE),
            Self::Retry(_) | Self::Conflict => false,
        }
    }
}

fn number(error: &sqlx::Error) -> Option<u16> {
    Some(error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?.number())
}
