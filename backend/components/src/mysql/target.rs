//! Running approved statements on a target, byte for byte, one by one, on a connection of its own.
//!
//! A [`Session`] reads SQL the way the review read it: the server's own defaults stay, but for `autocommit` (on) and the two
//! SQL modes that change where a string ends (`NO_BACKSLASH_ESCAPES`, `ANSI_QUOTES`; off), because the review splits
//! statements without them. How to stop a running statement ([`kill_query`]), and what is seen of it from outside
//! ([`super::look`]), goes through a second connection.

use super::{
    connect::{READ_ONLY, READS_AS_THE_REVIEW, connect, cut, open_error, plain, server_error},
    fence::{self, Fence},
};
use futures_util::TryStreamExt as _;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::Duration;

pub use super::connect::OpenError;

/// Warnings kept of one statement.
pub const MAX_WARNINGS: u32 = 5;
/// Why a statement has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// The server says that it failed.
    #[error("{code}: {message}")]
    Server {
        /// The server's error number.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// The connection broke before an answer: nobody knows whether it ran.
    #[error("the connection broke before the answer: {0}")]
    Lost(String),
}

/// Whether the target would take the next statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// The connection lives and the server takes writes.
    Ready,
    /// The server became read-only.
    ReadOnly,
    /// The connection is dead; nothing was in flight on it.
    Gone,
}

/// A connection to a target for the statements of one task.
#[derive(Debug)]
pub struct Session {
    pub(super) connection: MySqlConnection,
    id: u64,
}

impl Session {
    /// Opens a session in `database`, the only one behind its fence; `limit` bounds each step.
    pub async fn open(
        target: &MySqlConnectOptions,
        database: &str,
        fence: Option<Fence>,
        limit: Duration,
    ) -> Result<Self, OpenError> {
        let mut connection = connect(&plain(target).database(database), limit).await?;
        let passing = async {
            connection.execute(READS_AS_THE_REVIEW).await.map_err(|error| open_error(&error))?;
            fence::pass(&mut connection, fence).await
        };
        let asked = tokio::time::timeout(limit, passing).await.unwrap_or_else(|_| {
            Err(OpenError::Unreachable("the session could not be set up in time".into()))
        })?;
        if asked.read_only {
            return Err(OpenError::ReadOnly);
        }
        Ok(Self { connection, id: asked.id })
    }

    /// The server's number of this connection: what `KILL QUERY` takes.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Whether the server may say a plan as a tree (`explain_format`).
    pub async fn explains_as_tree(&mut self) -> Result<bool, StatementError> {
        let asked = self.connection.fetch_optional("SHOW SESSION VARIABLES LIKE 'explain_format'").await;
        asked.map(|found| found.is_some()).map_err(|error| statement_error(&error))
    }

    /// Makes a schema, if it is not there.
    pub async fn make_database(&mut self, name: &str) -> Result<(), StatementError> {
        if self.has_database(name).await? {
            return Ok(());
        }
        self.run(&format!("CREATE DATABASE IF NOT EXISTS {}", dbdesk_undo::field::quoted(name)))
            .await
            .map(drop)
    }

    /// Asks, while nothing is in flight, whether the next statement may be sent.
    pub async fn readiness(&mut self, limit: Duration) -> Readiness {
        let asked = async {
            self.connection
                .fetch_one(AssertSqlSafe(format!("SELECT {READ_ONLY}")))
                .await?
                .try_get::<u64, _>(0)
        };
        match tokio::time::timeout(limit, asked).await {
            Ok(Ok(0)) => Readiness::Ready,
            Ok(Ok(_)) => Readiness::ReadOnly,
            Ok(Err(_)) | Err(_) => Readiness::Gone,
        }
    }

    /// Sends one statement exactly as written and waits for its end, however long it takes. Gives the rows that the server
    /// says it changed (for an `UPDATE`: that it matched). Rows that it returns are read and dropped.
    pub async fn run(&mut self, statement: &str) -> Result<u64, StatementError> {
        let text = AssertSqlSafe(statement.to_owned());
        let mut results = sqlx::raw_sql(text).fetch_many(&mut self.connection);
        let mut affected = 0;
        while let Some(step) = results.try_next().await.map_err(|error| statement_error(&error))? {
            if let Some(result) = step.left() {
                affected += result.rows_affected();
            }
        }
        Ok(affected)
    }

    /// From now on a lock of a table or a schema is waited for so long.
    pub async fn wait_for_locks(&mut self, seconds: u32) -> Result<(), StatementError> {
        let set = AssertSqlSafe(format!("SET SESSION lock_wait_timeout = {seconds}"));
        self.connection.execute(set).await.map(drop).map_err(|error| statement_error(&error))
    }

    /// Whether there is a schema of this name that the account may see.
    pub async fn has_database(&mut self, name: &str) -> Result<bool, StatementError> {
        let asked = sqlx::query_scalar::<_, i64>(
            "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?",
        )
        .bind(name)
        .fetch_one(&mut self.connection);
        asked.await.map(|found| found > 0).map_err(|error| statement_error(&error))
    }

    /// The server's warnings about the statement that ran last, at most [`MAX_WARNINGS`]. What can not be read is left out:
    /// the statement ran all the same.
    pub async fn warnings(&mut self, limit: Duration) -> Vec<String> {
        let asked = async {
            let text = AssertSqlSafe(format!("SHOW WARNINGS LIMIT {MAX_WARNINGS}"));
            let rows = sqlx::raw_sql(text).fetch_all(&mut self.connection).await?;
            rows.iter()
                .map(|row| {
                    let level: String = row.try_get(0)?;
                    let message: String = row.try_get(2)?;
                    Ok(cut(&format!("{level}: {message}")))
                })
                .collect::<Result<Vec<_>, sqlx::Error>>()
        };
        match tokio::time::timeout(limit, asked).await {
            Ok(Ok(warnings)) => warnings,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the warnings of a statement could not be read");
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }

    /// Ends it in order.
    pub async fn close(self, limit: Duration) {
        let _ = tokio::time::timeout(limit, self.connection.close()).await;
    }
}

/// Asks the server to stop the statement that runs on connection `id`. What it changed so far is rolled back by engines that can.
pub async fn kill_query(target: &MySqlConnectOptions, id: u64, limit: Duration) -> Result<(), OpenError> {
    let mut second = connect(&plain(target), limit).await?;
    let asked = second.execute(AssertSqlSafe(format!("KILL QUERY {id}")));
    match tokio::time::timeout(limit, asked).await {
        Ok(Ok(_)) => {}
        // 1094: no such thread any more.
        Ok(Err(error)) if server_error(&error).is_some_and(|(code, _)| code == 1094) => {}
        Ok(Err(error)) => return Err(open_error(&error)),
        Err(_) => return Err(OpenError::Unreachable("KILL QUERY was not answered in time".into())),
    }
    let _ = tokio::time::timeout(limit, second.close()).await;
    Ok(())
}

pub(super) fn statement_error(error: &sqlx::Error) -> StatementError {
    match server_error(error) {
        Some((code, message)) => StatementError::Server { code, message },
        None => StatementError::Lost(cut(&error.to_string())),
    }
}
