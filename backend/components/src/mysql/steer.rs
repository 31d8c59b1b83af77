//! Steering a server: whether it takes writes, whom it follows, whether it waits for replicas.

use super::{
    connect::{OpenError, connect, open_error, plain, server_error},
    probe,
    target::StatementError,
};
use dbdesk_cluster::statement::{Dialect, Replication, SESSION, Statement, statements, unfollow, wait_for};
use dbdesk_cmdb::drift::ServerStep;
use dbdesk_commands::wire::group::InstanceLive;
use dbdesk_review::Flavour;
use sqlx::{
    AssertSqlSafe, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::{collections::BTreeSet, fmt, time::Duration};
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
        within(self.limit, sent).await.map(drop)
    }

    /// What makes it follow nobody.
    #[must_use]
    pub fn unfollowing(&self) -> Vec<Statement> {
        unfollow(self.dialect)
    }

    /// Waits until it has all of this position; `false`: it has not, after so many seconds.
    ///
    /// # Errors
    /// The server's, or that it went away.
    pub async fn has(&mut self, gtid: &str, limit_s: u32) -> Result<bool, StatementError> {
        let asked = wait_for(gtid, limit_s, self.dialect);
        let limit = self.limit + Duration::from_secs(u64::from(limit_s));
        let asked = sqlx::raw_sql(AssertSqlSafe(asked.sql().to_owned())).fetch_one(&mut self.connection);
        let row = within(limit, asked).await?;
        let answer: Option<i64> = row.try_get_unchecked(0).map_err(|error| lost(&error))?;
        Ok(answer == Some(0))
    }

    /// Who has sessions there, but these users, replicas, and the server itself.
    ///
    /// # Errors
    /// The server's, or that it went away.
    pub async fn applications(&mut self, but: &[String]) -> Result<BTreeSet<String>, StatementError> {
        Ok(self.sessions(but).await?.into_iter().map(|(_, user)| user).collect())
    }

    /// Ends every session but those of these users, of replicas, and of the server itself. Gives how many it ended; who comes again at once is
    /// ended again, by whoever asks again.
    ///
    /// # Errors
    /// The server's, or that it went away.
    pub async fn end_sessions(&mut self, but: &[String]) -> Result<u32, StatementError> {
        let mut ended = 0;
        for (id, _) in self.sessions(but).await? {
            let kill = sqlx::raw_sql(AssertSqlSafe(format!("KILL {id}"))).execute(&mut self.connection);
            match within(self.limit, kill).await {
                Ok(_) => ended += 1,
                Err(StatementError::Server { code: NO_SUCH_SESSION, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    async fn sessions(&mut self, but: &[String]) -> Result<Vec<(u64, String)>, StatementError> {
        let asked = sqlx::raw_sql("SHOW PROCESSLIST").fetch_all(&mut self.connection);
        let mut found = Vec::new();
        for row in within(self.limit, asked).await? {
            let text = |column: &str| row.try_get_unchecked::<Option<String>, _>(column).ok().flatten();
            let (user, command) = (text("User").unwrap_or_default(), text("Command").unwrap_or_default());
            let is_ours = but.contains(&user)
                || matches!(user.as_str(), "" | "system user" | "event_scheduler" | CONNECTING);
            if !is_ours && !command.starts_with("Binlog Dump") && command != "Daemon" {
                found.push((row.try_get_unchecked("Id").map_err(|error| lost(&error))?, user));
            }
        }
        Ok(found)
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

/// Who has not logged in yet, such as a check of a proxy.
const CONNECTING: &str = "unauthenticated user";
/// "Unknown thread id": it has ended meanwhile.
const NO_SUCH_SESSION: u16 = 1094;

async fn within<T>(
    limit: Duration,
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, StatementError> {
    match timeout(limit, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(lost(&error)),
        Err(_) => Err(StatementError::Lost("it did not answer in time".to_owned())),
    }
}

fn lost(error: &sqlx::Error) -> StatementError {
    match server_error(error) {
        Some((code, message)) => StatementError::Server { code, message },
        None => StatementError::Lost(error.to_string()),
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
