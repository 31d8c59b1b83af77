//! Connecting to a server within a limit, and reading what it says when it will not.

use sqlx::{
    ConnectOptions as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError},
};
use std::time::Duration;

/// Characters kept of one message of the server.
pub const MAX_MESSAGE_CHARS: usize = 500;

/// Server errors at connecting that pass by themselves: too many connections, shutdown in progress, server just starting.
const PASSING: [u16; 5] = [1040, 1053, 1129, 1203, 1226];

/// Why there is no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It did not answer, or not yet; worth trying again.
    #[error("the target can not be reached: {0}")]
    Unreachable(String),
    /// It answered that it will not have us: wrong account, unknown database.
    #[error("the target refused the connection: {message}")]
    Refused {
        /// The server's error number.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// It says `read_only=1`: it is no primary, whatever the inventory says.
    #[error("the target is read-only")]
    ReadOnly,
}

/// 1 where the server takes no writes of ordinary accounts. From MariaDB 12 on the variable is a word of several.
pub(super) const READ_ONLY: &str = "CAST(CAST(@@global.read_only AS CHAR) NOT IN ('0', 'OFF') AS UNSIGNED)";

/// Sets `autocommit`, and takes away the two SQL modes that change where a string ends: the review splits without them.
pub(super) const READS_AS_THE_REVIEW: &str = "SET SESSION autocommit = 1, sql_mode = REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(@@sql_mode, \
     'NO_BACKSLASH_ESCAPES', ''), 'ANSI_QUOTES', ''), 'ANSI', ''), ',,', ','), ',,', ',')";

/// The options of `base` without sqlx's own changes to the session, and without its logging of statements.
pub(super) fn plain(base: &MySqlConnectOptions) -> MySqlConnectOptions {
    base.clone()
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .disable_statement_logging()
}

/// Connects within `limit`. What is prepared stays so until the connection ends: closing a statement is not answered, and sqlx leaves Nagle's
/// algorithm on, so what is sent next waits for the server's late acknowledgement, 40 ms each time.
pub(super) async fn connect(
    options: &MySqlConnectOptions,
    limit: Duration,
) -> Result<MySqlConnection, OpenError> {
    match tokio::time::timeout(limit, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(open_error(&error)),
        Err(_) => Err(OpenError::Unreachable(format!("no answer within {} ms", limit.as_millis()))),
    }
}

/// The server's error number and words, where it was the server that said no.
pub(super) fn server_error(error: &sqlx::Error) -> Option<(u16, String)> {
    let server = error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?;
    Some((server.number(), cut(server.message())))
}

pub(super) fn open_error(error: &sqlx::Error) -> OpenError {
    match server_error(error) {
        Some((code, message)) if PASSING.contains(&code) => OpenError::Unreachable(message),
        Some((code, message)) => OpenError::Refused { code, message },
        None => OpenError::Unreachable(cut(&error.to_string())),
    }
}

pub(super) fn cut(message: &str) -> String {
    message.chars().take(MAX_MESSAGE_CHARS).collect()
}
