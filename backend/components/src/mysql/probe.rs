//! What a server says of itself: version, role, position, lag, and what an account may do there.

use super::connect::{OpenError, READ_ONLY, connect, open_error, plain, server_error};
use dbdesk_commands::wire::group::{InstanceLive, SourceView};
use dbdesk_review::Flavour;
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;

/// "You need (at least one of) the … privilege(s) for this operation".
const DENIED: u16 = 1227;

/// Asks one server, within `limit` for connecting and again for the answers.
pub async fn instance(server: &MySqlConnectOptions, limit: Duration) -> Result<InstanceLive, OpenError> {
    within(server, limit, live).await
}

/// Databases of the servers themselves.
const SYSTEM: &str = "('mysql', 'sys', 'information_schema', 'performance_schema', 'ndbinfo')";
/// Most databases that are read.
const DATABASES: u32 = 10_000;

/// The same, and which databases are there, but those of the server itself and the desk's own shadows.
pub async fn with_databases(
    server: &MySqlConnectOptions,
    limit: Duration,
) -> Result<(InstanceLive, Vec<String>), OpenError> {
    within(server, limit, async |connection| {
        let live = live(connection).await?;
        let rows = sqlx::raw_sql(AssertSqlSafe(format!(
            "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata WHERE schema_name NOT IN {SYSTEM} \
             AND schema_name NOT LIKE 'dbdesk\\_%' ORDER BY schema_name LIMIT {DATABASES}"
        )));
        let rows = rows.fetch_all(connection).await?;
        let names = rows.iter().map(|row| row.try_get_unchecked(0));
        Ok((live, names.collect::<Result<_, _>>()?))
    })
    .await
}

/// What these options of a server are; one that it does not have is left out. Names are letters, digits and `_`, others are not asked for.
///
/// # Errors
/// It can not be reached, or does not answer in time.
pub async fn options(
    server: &MySqlConnectOptions,
    names: &[&str],
    limit: Duration,
) -> Result<BTreeMap<String, String>, OpenError> {
    let is_name =
        |name: &&&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let list: Vec<String> = names.iter().filter(is_name).map(|name| format!("'{name}'")).collect();
    if list.is_empty() {
        return Ok(BTreeMap::new());
    }
    let asked = format!("SHOW GLOBAL VARIABLES WHERE Variable_name IN ({})", list.join(", "));
    within(server, limit, async |connection| {
        let rows = sqlx::raw_sql(AssertSqlSafe(asked)).fetch_all(connection).await?;
        let one = |row: &MySqlRow| {
            let name: String = row.try_get_unchecked("Variable_name")?;
            Ok((name.to_ascii_lowercase(), row.try_get_unchecked("Value")?))
        };
        rows.iter().map(one).collect()
    })
    .await
}

/// Host and port of the replicas that a server knows of, as they report themselves (`report_host`); one that reports no host is left out.
///
/// # Errors
/// It can not be reached, or the account may not look (`REPLICATION MASTER ADMIN` on `MariaDB`, `REPLICATION SLAVE` on `MySQL`).
pub async fn replicas(
    server: &MySqlConnectOptions,
    limit: Duration,
) -> Result<Vec<(String, u16)>, OpenError> {
    within(server, limit, async |connection| {
        let flavour = Flavour::of_version(&version(connection).await?).unwrap_or_default();
        let asked = if flavour.is_mariadb() || !flavour.at_least(8, 0) {
            "SHOW SLAVE HOSTS"
        } else {
            "SHOW REPLICAS"
        };
        let rows = sqlx::raw_sql(asked).fetch_all(connection).await?;
        let one = |row: &MySqlRow| {
            let host: String = row.try_get_unchecked("Host")?;
            let port: String = row.try_get_unchecked("Port")?;
            Ok((host, port.parse().unwrap_or_default()))
        };
        let all = rows.iter().map(one).collect::<Result<Vec<_>, sqlx::Error>>()?;
        Ok(all.into_iter().filter(|(host, port)| !host.is_empty() && *port > 0).collect())
    })
    .await
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

/// The same over a connection that is open.
pub(super) async fn live(connection: &mut MySqlConnection) -> Result<InstanceLive, sqlx::Error> {
    let row = sqlx::raw_sql(AssertSqlSafe(format!(
        "SELECT VERSION(), {READ_ONLY}, CAST(@@global.server_id AS UNSIGNED)"
    )))
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
    let (status, may_look) = match sqlx::raw_sql(status).fetch_optional(&mut *connection).await {
        // The account may not look at replication; all else is known.
        Err(error) if server_error(&error).is_some_and(|(code, _)| code == DENIED) => (None, false),
        status => (status?, true),
    };
    let follows = status.as_ref().map(Follows::of);
    let semi_sync = semi_sync(connection).await?;
    Ok(InstanceLive {
        version,
        read_only,
        gtid: gtid.replace('\n', ""),
        lag_ms: follows.as_ref().and_then(|follows| follows.lag_ms),
        replicating: follows.as_ref().map(|follows| follows.running),
        server_id: row.try_get_unchecked(2)?,
        may_look,
        semi_sync,
        trouble: follows.as_ref().and_then(|follows| follows.trouble.clone()),
        source: follows.map(|follows| follows.source),
    })
}

/// `SELECT VERSION()`
pub(super) async fn version(connection: &mut MySqlConnection) -> Result<String, sqlx::Error> {
    sqlx::raw_sql("SELECT VERSION()").fetch_one(connection).await?.try_get_unchecked(0)
}

/// Whether it waits for a replica at each commit; nothing where it has no such plugin.
async fn semi_sync(connection: &mut MySqlConnection) -> Result<Option<bool>, sqlx::Error> {
    let rows = sqlx::raw_sql(
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('rpl_semi_sync_master_enabled', 'rpl_semi_sync_source_enabled')",
    );
    let rows = rows.fetch_all(connection).await?;
    let on = rows.iter().map(|row| row.try_get_unchecked::<String, _>(1).map(|value| value == "ON"));
    let on = on.collect::<Result<Vec<_>, _>>()?;
    Ok((!on.is_empty()).then(|| on.contains(&true)))
}

struct Follows {
    running: bool,
    lag_ms: Option<u64>,
    source: SourceView,
    trouble: Option<String>,
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
        let said = |new, old| text(new, old).filter(|text| !text.is_empty());
        let number = |new, old| text(new, old).and_then(|text| text.parse::<u64>().ok()).unwrap_or_default();
        let (host, port) = (text("Source_Host", "Master_Host"), text("Source_Port", "Master_Port"));
        Self {
            source: SourceView {
                address: format!("{}:{}", host.unwrap_or_default(), port.unwrap_or_default()),
                server_id: number("Source_Server_Id", "Master_Server_Id"),
            },
            trouble: said("Last_SQL_Error", "Last_SQL_Error")
                .or_else(|| said("Last_IO_Error", "Last_IO_Error")),
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
