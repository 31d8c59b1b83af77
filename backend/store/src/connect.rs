//! How we connect to our own database.

use crate::Error;
use chrono::TimeDelta;
use dbdesk_commands::clock::Time;
use sqlx::{
    AssertSqlSafe, Row as _,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// A pool of connections to our own database.
pub type Pool = sqlx::MySqlPool;

/// Where our own database is. Its `Debug` does not show the password.
#[derive(Clone)]
pub struct Connect {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Account.
    pub user: String,
    /// Its password.
    pub password: String,
    /// Database.
    pub database: String,
    /// Most connections at a time.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is told that the database does not answer.
    pub acquire_timeout_ms: u64,
    /// How long a statement may take there.
    pub statement_timeout_ms: u64,
    /// A connection that waited is asked whether it lives before it is used: a round trip. Who tries again by himself does without.
    pub asks_idle: bool,
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

/// A pool that connects when it is first asked: a role can start while the database is down, and says so.
#[must_use]
pub fn pool(connect: &Connect) -> Pool {
    let options = MySqlConnectOptions::new()
        .host(&connect.host)
        .port(connect.port)
        .username(&connect.user)
        .password(&connect.password)
        .database(&connect.database)
        .charset("utf8mb4")
        // All of it is in `settle`, with what else there is to say.
        .set_names(false)
        .timezone(None::<String>)
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .statement_cache_capacity(STATEMENTS);
    let limit_ms = connect.statement_timeout_ms;
    MySqlPoolOptions::new()
        .max_connections(connect.max_connections)
        .acquire_timeout(Duration::from_millis(connect.acquire_timeout_ms))
        .test_before_acquire(connect.asks_idle)
        .after_connect(move |connection, _| Box::pin(settle(connection, limit_ms)))
        .connect_lazy_with(options)
}

/// Statements that stay prepared in a connection: more than there are in the crate (some 180). One that is closed to make room holds up the
/// next by 40 ms, since nothing answers the closing and sqlx leaves Nagle's algorithm on.
const STATEMENTS: usize = 256;

/// The same for every connection, whatever the server's defaults are. One round trip: a process that does one task connects once.
async fn settle(connection: &mut sqlx::MySqlConnection, limit_ms: u64) -> Result<(), sqlx::Error> {
    // MariaDB skips what is for MySQL 5.7, MySQL what is for MariaDB.
    let settings = format!(
        "SET NAMES utf8mb4; SET SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 5, \
         SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION' \
         /*M! , SESSION max_statement_time = {limit_ms} / 1000.0 */ /*!50708 , SESSION max_execution_time = {limit_ms} */; \
         SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
    );
    // Nothing but our own words and a number.
    sqlx::raw_sql(AssertSqlSafe(settings)).execute(connection).await?;
    Ok(())
}

/// Whether the database answers.
pub async fn ping(pool: &Pool) -> Result<(), Error> {
    sqlx::query("SELECT 1").execute(pool).await?;
    Ok(())
}

/// Clocks that are further apart are told of.
pub const CLOCKS_APART: TimeDelta = TimeDelta::seconds(2);

/// What time it is at the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its time …
    pub time: Time,
    /// … at this instant here …
    pub at: Instant,
    /// … give or take so much: when in the round trip it looked is not known.
    pub within: Duration,
}

/// Asks what time it is there.
pub async fn time(pool: &Pool) -> Result<Told, Error> {
    let mut connection = pool.acquire().await?;
    let asked = Instant::now();
    // As text: a prepared statement is two round trips, and the time is that of the second.
    let row = sqlx::raw_sql("SELECT UTC_TIMESTAMP(3)").fetch_one(&mut *connection).await?;
    let (at, within) = (Instant::now(), asked.elapsed() / 2);
    let time: Time = row.try_get(0)?;
    Ok(Told { time: time + TimeDelta::from_std(within).unwrap_or_default(), at, within })
}
