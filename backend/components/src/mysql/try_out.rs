//! Trying out by which way writes and reads go: a table is written by the one and read by the other, and nothing stays of it.

use super::connect::{OpenError, connect, open_error, plain};
use sqlx::{
    AssertSqlSafe,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What is tried.
pub struct Try<'a> {
    /// The way.
    pub server: MySqlConnectOptions,
    /// In this database.
    pub database: &'a str,
    /// With a table of this name.
    pub table: &'a str,
}

impl Try<'_> {
    fn table(&self) -> String {
        format!("`{}`.`{}`", self.database.replace('`', "``"), self.table.replace('`', "``"))
    }

    /// Makes the table with a row. Gives the `server_id` of the server that took it.
    ///
    /// # Errors
    /// Nobody takes it.
    pub async fn write(&self, limit: Duration) -> Result<u64, OpenError> {
        let table = self.table();
        self.asked(limit, async |connection| {
            let all = format!(
                "CREATE TABLE IF NOT EXISTS {table} (id INT NOT NULL PRIMARY KEY); REPLACE INTO {table} (id) VALUES (1)"
            );
            sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut *connection).await?;
            sqlx::query_scalar("SELECT CAST(@@global.server_id AS UNSIGNED)").fetch_one(connection).await
        })
        .await
    }

    /// Waits until the row can be read.
    ///
    /// # Errors
    /// It can not, for so long.
    pub async fn read(&self, limit: Duration, within: Duration) -> Result<(), OpenError> {
        let (asked, since) =
            (format!("SELECT CAST(COUNT(*) AS SIGNED) FROM {}", self.table()), Instant::now());
        loop {
            let seen = self
                .asked(limit, async |connection| {
                    sqlx::query_scalar::<_, i64>(AssertSqlSafe(asked.clone())).fetch_one(connection).await
                })
                .await;
            match seen {
                Ok(1) => return Ok(()),
                Err(error) if since.elapsed() > within => return Err(error),
                Ok(_) if since.elapsed() > within => {
                    return Err(OpenError::Unreachable("what was written is not read there".into()));
                }
                _ => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Drops the table.
    ///
    /// # Errors
    /// It is still there.
    pub async fn clear(&self, limit: Duration) -> Result<(), OpenError> {
        let drop = format!("DROP TABLE IF EXISTS {}", self.table());
        self.asked(limit, async |connection| {
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(connection).await.map(drop_answer)
        })
        .await
    }

    async fn asked<T>(
        &self,
        limit: Duration,
        ask: impl AsyncFnOnce(&mut MySqlConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, OpenError> {
        let mut connection = connect(&plain(&self.server), limit).await?;
        match timeout(limit, ask(&mut connection)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(open_error(&error)),
            Err(_) => Err(OpenError::Unreachable("it did not answer in time".into())),
        }
    }
}

fn drop_answer<T>(_: T) {}
