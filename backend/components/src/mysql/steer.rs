//! Steering a server: whether it takes writes, whom it follows, whether it waits for replicas.

use super::{
    connect::{OpenError, connect, open_error, plain, server_error},
    probe,
    target::StatementError,
};
use dbdesk_cluster::statement::{Dialect, Replication, SESSION, Statement, statements};
use dbdesk_cmdb::drift::ServerStep;
use dbdesk_commands::wire::group::InstanceLive;
use dbdesk_review::Flavour;
use sqlx::{
    AssertSqlSafe,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::{fmt, time::Duration};
use tokio::time::timeout;

/// A session of the account that steers servers.
pub struct Steer {
    connection: MySqlConnection,
    dialect: Dialect,
    limit: Duration,
}

impl fmt::Debug for Steer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Steer").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

impl Steer {
    /// Opens one; `limit` holds for connecting and for each statement.
    ///
    /// # Errors
    /// It can not be reached, or refuses the account.
    pub async fn open(server: &MySqlConnectOptions, limit: Duration) -> Result<Self, OpenError> {
        let mut connection = connect(&plain(server), limit).await?;
        let asked = async {
            sqlx::raw_sql(SESSION).execute(&mut connection).await?;
            probe::version(&mut connection).await
        };
        let version = match timeout(limit, asked).await {
            Ok(Ok(version)) => version,
            Ok(Err(error)) => return Err(open_error(&error)),
            Err(_) => return Err(OpenError::Unreachable("it did not answer in time".into())),
        };
        let flavour = Flavour::of_version(&version).unwrap_or_default();
        let dialect = if flavour.is_mariadb() {
            Dialect::MariaDb
        } else if flavour.at_least(8, 0) {
            Dialect::MySql
        } else {
            Dialect::OldMySql
        };
        Ok(Self { connection, dialect, limit })
    }

    /// What a step comes to here.
    #[must_use]
    pub fn statements(&self, step: &ServerStep, replication: Option<Replication<'_>>) -> Vec<Statement> {
        statements(step, self.dialect, replication)
    }

    /// Sends one.
    ///
    /// # Errors
    /// The server's, or that it went away.
    pub async fn run(&mut self, statement: &Statement) -> Result<(), StatementError> {
        let sent = sqlx::raw_sql(AssertSqlSafe(statement.sql().to_owned())).execute(&mut self.connection);
        match timeout(self.limit, sent).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(match server_error(&error) {
                Some((code, message)) => StatementError::Server { code, message },
                None => StatementError::Lost(error.to_string()),
            }),
            Err(_) => Err(StatementError::Lost("it did not answer in time".to_owned())),
        }
    }

    /// What it says of itself now.
    ///
    /// # Errors
    /// It went away, or refuses to say.
    pub async fn live(&mut self) -> Result<InstanceLive, OpenError> {
        match timeout(self.limit, probe::live(&mut self.connection)).await {
            Ok(Ok(live)) => Ok(live),
            Ok(Err(error)) => Err(open_error(&error)),
            Err(_) => Err(OpenError::Unreachable("it did not answer in time".into())),
        }
    }
}

/// Whether a server is what a step wanted; else what it is.
///
/// # Errors
/// What it is instead.
pub fn is_done(step: &ServerStep, live: &InstanceLive) -> Result<(), String> {
    let follows = live.source.as_ref().map(|source| source.address.as_str());
    match step {
        ServerStep::ReadOnly { on, .. } if live.read_only == *on => Ok(()),
        ServerStep::ReadOnly { .. } => Err(format!("read_only is {}", u8::from(live.read_only))),
        ServerStep::SemiSync { on, .. } if live.semi_sync.unwrap_or(false) == *on => Ok(()),
        ServerStep::SemiSync { .. } => Err(match live.semi_sync {
            Some(on) => format!("semi-sync is {}", if on { "on" } else { "off" }),
            None => "it has no semi-sync plugin".to_owned(),
        }),
        ServerStep::Follow { source_host, source_port, .. }
            if follows != Some(format!("{source_host}:{source_port}").as_str()) =>
        {
            Err(format!("it follows {}", follows.unwrap_or("nobody")))
        }
        ServerStep::Follow { .. } | ServerStep::StartReplica { .. } if live.replicating == Some(true) => {
            Ok(())
        }
        ServerStep::Follow { .. } | ServerStep::StartReplica { .. } => {
            Err(live.trouble.clone().unwrap_or_else(|| "its replication threads do not run".to_owned()))
        }
    }
}
