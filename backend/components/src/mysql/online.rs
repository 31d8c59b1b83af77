//! What an online change of a table asks of servers beside the tool: how strained they are, who waits for the tool, what it left.

use super::{
    connect::{OpenError, connect, open_error, plain, server_error},
    probe,
};
use crate::osc::Leavings;
use dbdesk_undo::field::{full_name, quoted};
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::Duration;

/// How strained a primary and its replicas are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strain {
    /// Threads that run on the primary; `None`: it did not say.
    pub threads_running: Option<u32>,
    /// Lag of each replica, in the order asked; `None`: it does not replicate, or did not say.
    pub lags_ms: Vec<Option<u64>>,
}

/// A connection that looks at the primary.
#[derive(Debug)]
pub struct Eye {
    connection: MySqlConnection,
    limit: Duration,
}

impl Eye {
    /// Opens it.
    pub async fn open(primary: &MySqlConnectOptions, limit: Duration) -> Result<Self, OpenError> {
        Ok(Self { connection: connect(&plain(primary), limit).await?, limit })
    }

    /// Threads that run.
    pub async fn threads_running(&mut self) -> Result<u32, OpenError> {
        let row = self.one("SHOW GLOBAL STATUS LIKE 'Threads_running'").await?;
        let value: String = row.try_get_unchecked(1).map_err(|error| open_error(&error))?;
        value.parse().map_err(|_| OpenError::Unreachable(format!("Threads_running is {value}")))
    }

    /// How many sessions wait for the lock of a table's or schema's definition, but for `own`.
    pub async fn waiting_for_definitions(&mut self, own: u64) -> Result<u64, OpenError> {
        let sql = format!(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'Waiting for table metadata lock' AND id <> {own}"
        );
        let row = self.one(&sql).await?;
        row.try_get_unchecked::<i64, _>(0).map(i64::unsigned_abs).map_err(|error| open_error(&error))
    }

    async fn one(&mut self, sql: &str) -> Result<sqlx::mysql::MySqlRow, OpenError> {
        let asked = self.connection.fetch_one(AssertSqlSafe(sql.to_owned()));
        match tokio::time::timeout(self.limit, asked).await {
            Ok(row) => row.map_err(|error| open_error(&error)),
            Err(_) => Err(OpenError::Unreachable("it did not answer in time".into())),
        }
    }
}

/// Lag of one replica; `None`: it does not replicate, or did not say.
pub async fn lag(replica: &MySqlConnectOptions, limit: Duration) -> Option<u64> {
    probe::instance(replica, limit).await.ok()?.lag_ms
}

/// Whether rows repeat that a unique key of these parts would forbid: a row with NULL in one of them repeats nothing. Works through the
/// table; `limit` ends it.
pub async fn repeats(
    server: &MySqlConnectOptions,
    (database, table): (&str, &str),
    parts: &[String],
    (open, limit): (Duration, Duration),
) -> Result<bool, OpenError> {
    let mut connection = connect(&plain(server), open).await?;
    let (list, present) = (
        parts.join(", "),
        parts.iter().map(|part| format!("{part} IS NOT NULL")).collect::<Vec<_>>().join(" AND "),
    );
    let name = full_name(database, table);
    let sql = format!("SELECT 1 FROM {name} WHERE {present} GROUP BY {list} HAVING COUNT(*) > 1 LIMIT 1");
    let asked = tokio::time::timeout(limit, connection.fetch_optional(AssertSqlSafe(sql))).await;
    let found = match asked {
        Ok(found) => found.map_err(|error| open_error(&error))?.is_some(),
        Err(_) => return Err(OpenError::Unreachable("the rows were not looked through in time".into())),
    };
    let _ = tokio::time::timeout(open, connection.close()).await;
    Ok(found)
}

/// Whether no tool is at this copy any more, where it says so.
pub async fn is_free(server: &MySqlConnectOptions, copy: &str, limit: Duration) -> Result<bool, OpenError> {
    let mut eye = Eye::open(server, limit).await?;
    let asked = sqlx::query_scalar::<_, Option<i64>>("SELECT IS_FREE_LOCK(?)")
        .bind(copy)
        .fetch_one(&mut eye.connection)
        .await;
    asked.map(|free| free == Some(1)).map_err(|error| open_error(&error))
}

/// Removes what a tool left: triggers first, since a trigger without its table breaks every write. Gives what was there.
pub async fn clean(
    server: &MySqlConnectOptions,
    database: &str,
    leavings: &Leavings,
    limit: Duration,
) -> Result<Vec<String>, OpenError> {
    /// A lock that is not free yet is tried for again so often.
    const TRIES: u32 = 20;
    let mut connection = connect(&plain(server), limit).await?;
    let mut tries = 0;
    loop {
        match cleaned(&mut connection, database, leavings).await {
            Ok(there) => {
                let _ = tokio::time::timeout(limit, connection.close()).await;
                return Ok(there);
            }
            Err(error) if tries < TRIES && server_error(&error).is_some_and(|(code, _)| code == 1205) => {
                tries += 1;
            }
            Err(error) => return Err(open_error(&error)),
        }
    }
}

async fn cleaned(
    connection: &mut MySqlConnection,
    database: &str,
    leavings: &Leavings,
) -> Result<Vec<String>, sqlx::Error> {
    connection.execute("SET SESSION lock_wait_timeout = 3").await?;
    let mut there = Vec::new();
    for (name, body) in triggers(connection, database, &leavings.triggers).await? {
        // Another work on this table has triggers of the same names.
        if leavings.tables.iter().any(|table| body.contains(&quoted(table))) {
            let drop = format!("DROP TRIGGER IF EXISTS {}", full_name(database, &name));
            connection.execute(AssertSqlSafe(drop)).await?;
            there.push(name);
        }
    }
    for name in &leavings.tables {
        let ask = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?";
        let found: i64 =
            sqlx::query_scalar(ask).bind(database).bind(name).fetch_one(&mut *connection).await?;
        if found > 0 {
            let drop = format!("DROP TABLE IF EXISTS {}", full_name(database, name));
            connection.execute(AssertSqlSafe(drop)).await?;
            there.push(name.clone());
        }
    }
    Ok(there)
}

/// Those of these triggers that there are, with what they do.
async fn triggers(
    connection: &mut MySqlConnection,
    database: &str,
    names: &[String],
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let ask = "SELECT CAST(trigger_name AS CHAR), CAST(action_statement AS CHAR) FROM information_schema.triggers \
               WHERE trigger_schema = ?";
    let all: Vec<(String, String)> = sqlx::query_as(ask).bind(database).fetch_all(connection).await?;
    Ok(all.into_iter().filter(|(name, _)| names.contains(name)).collect())
}
