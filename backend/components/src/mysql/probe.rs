//! What a server says of itself: version, role, position, lag, and what an account may do there.

use super::connect::{OpenError, READ_ONLY, connect, open_error, plain, server_error};
use dbdesk_commands::wire::group::InstanceLive;
use dbdesk_review::Flavour;
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow},
};
use std::time::Duration;
use tokio::time::timeout;

/// "You need (at least one of) the … privilege(s) for this operation".
const DENIED: u16 = 1227;

/// Asks one server, within `limit` for connecting and again for the answers.
pub async fn instance(server: &MySqlConnectOptions, limit: Duration) -> Result<InstanceLive, OpenError> {
    within(server, limit, live).await
}

/// What the account may do, one line of `SHOW GRANTS` each, without the password hash that MariaDB prints.
pub async fn grants(server: &MySqlConnectOptions, limit: Duration) -> Result<Vec<String>, OpenError> {
    within(server, limit, async |connection| {
        let rows = sqlx::raw_sql("SHOW GRANTS").fetch_all(connection).await?;
        rows.iter().map(|row| Ok(without_password(row.try_get_unchecked(0)?))).collect()
    })
    .await
}

/// The most tables of a database that are named; where there are so many, there may be more.
pub const TABLE_NAMES: usize = 20_000;

/// The tables and views of a database that the account sees, by name.
pub async fn table_names(
    server: &MySqlConnectOptions,
    database: &str,
    limit: Duration,
) -> Result<Vec<String>, OpenError> {
    let sql = format!(
        "SELECT CAST(table_name AS CHAR) FROM information_schema.tables WHERE table_schema = ? ORDER BY 1 LIMIT {TABLE_NAMES}"
    );
    within(server, limit, async |connection| {
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(database).fetch_all(connection).await?;
        rows.iter().map(|row| row.try_get_unchecked(0)).collect()
    })
    .await
}

async fn within<T>(
    server: &MySqlConnectOptions,
    limit: Duration,
    ask: impl AsyncFnOnce(&mut MySqlConnection) -> Result<T, sqlx::Error>,
) -> Result<T, OpenError> {
    let mut connection = connect(&plain(server), limit).await?;
    let answer = match timeout(limit, ask(&mut connection)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(open_error(&error)),
        Err(_) => return Err(OpenError::Unreachable("it did not answer the questions in time".into())),
    };
    let _ = timeout(limit, connection.close()).await;
    Ok(answer)
}

async fn live(connection: &mut MySqlConnection) -> Result<InstanceLive, sqlx::Error> {
    let row = sqlx::raw_sql(AssertSqlSafe(format!("SELECT VERSION(), {READ_ONLY}")))
        .fetch_one(&mut *connection)
        .await?;
    let version: String = row.try_get_unchecked(0)?;
    let read_only = row.try_get_unchecked::<u64, _>(1)? != 0;
    let flavour = Flavour::of_version(&version).unwrap_or_default();
    let (gtid, status) = if flavour.is_mariadb() {
        ("SELECT @@global.gtid_current_pos", "SHOW SLAVE STATUS")
    } else if flavour.at_least(8, 0) {
        ("SELECT @@global.gtid_executed", "SHOW REPLICA STATUS")
    } else {
        ("SELECT @@global.gtid_executed", "SHOW SLAVE STATUS")
    };
    let gtid: String = sqlx::raw_sql(gtid).fetch_one(&mut *connection).await?.try_get_unchecked(0)?;
    let status = match sqlx::raw_sql(status).fetch_optional(&mut *connection).await {
        // The account may not look at replication; all else is known.
        Err(error) if server_error(&error).is_some_and(|(code, _)| code == DENIED) => None,
        status => status?,
    };
    let follows = status.as_ref().map(Follows::of);
    Ok(InstanceLive {
        version,
        read_only,
        gtid: gtid.replace('\n', ""),
        lag_ms: follows.as_ref().and_then(|follows| follows.lag_ms),
        replicating: follows.map(|follows| follows.running),
    })
}

struct Follows {
    running: bool,
    lag_ms: Option<u64>,
}

impl Follows {
    /// The columns have old names (MariaDB, MySQL 5.7) and new ones (MySQL 8.0.22 on).
    fn of(row: &MySqlRow) -> Self {
        let text = |new: &str, old: &str| {
            row.try_get_unchecked::<Option<String>, _>(new)
                .or_else(|_| row.try_get_unchecked::<Option<String>, _>(old))
                .ok()
                .flatten()
        };
        let yes = |new, old| text(new, old).as_deref() == Some("Yes");
        let running =
            yes("Replica_IO_Running", "Slave_IO_Running") && yes("Replica_SQL_Running", "Slave_SQL_Running");
        let lag_s = text("Seconds_Behind_Source", "Seconds_Behind_Master");
        Self {
            running,
            lag_ms: lag_s.and_then(|lag| lag.parse::<u64>().ok()).map(|lag| lag.saturating_mul(1_000)),
        }
    }
}

/// `GRANT USAGE ON *.* TO `u`@`h` IDENTIFIED BY PASSWORD '*94BD…'` loses what follows `IDENTIFIED`.
fn without_password(grant: String) -> String {
    match grant.find(" IDENTIFIED ") {
        Some(at) => grant[..at].to_owned(),
        None => grant,
    }
}
