//! One session of a review with a server, and whether it can still be asked.

use super::facts::{Limits, open};
use dbdesk_review::{Flavour, facts::Ask};
use sqlx::{
    AssertSqlSafe, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::time::Duration;
use tokio::time::timeout;

/// A replica that is further behind than this does not say how many rows there are now.
const MAX_LAG_S: i64 = 30;

/// A connection, the database it is in, and whether it answers.
pub(super) struct Session {
    pub(super) connection: MySqlConnection,
    database: Option<String>,
    pub(super) usable: bool,
}

impl Session {
    pub(super) fn new(connection: MySqlConnection) -> Self {
        Self { connection, database: None, usable: true }
    }

    /// A session with a replica; `None` where it can not be reached, is not at hand, or does not tell that it is near its
    /// primary. Telling needs the right `REPLICATION CLIENT` (`REPLICA MONITOR` in MariaDB).
    pub(super) async fn of_replica(server: &MySqlConnectOptions, limits: &Limits) -> Option<Self> {
        let (mut connection, flavour, _) = match open(server, limits).await {
            Ok(opened) => opened,
            Err(error) => {
                tracing::debug!(%error, "the replica can not be asked; the primary is");
                return None;
            }
        };
        let lag = timeout(limits.each, lag_s(&mut connection, flavour)).await.ok().flatten();
        if lag.is_none_or(|lag| lag > MAX_LAG_S) {
            tracing::debug!(
                lag_s = lag,
                "the replica is not known to be near its primary; the primary is asked"
            );
            return None;
        }
        Some(Self::new(connection))
    }

    /// `USE`s the statement's database where it is another than before; false where that is not possible.
    pub(super) async fn select_database(&mut self, ask: &Ask) -> bool {
        let Some(wanted) = &ask.database else { return true };
        if self.database.as_ref() == Some(wanted) {
            return true;
        }
        let quoted = wanted.replace('`', "``");
        let used = sqlx::raw_sql(AssertSqlSafe(format!("USE `{quoted}`")))
            .execute(&mut self.connection)
            .await
            .is_ok();
        self.database = used.then(|| wanted.clone());
        used
    }

    /// What bounds one question from this side.
    pub(super) fn bound(limits: &Limits) -> Duration {
        limits.each + Duration::from_millis(500)
    }
}

/// How far a replica is behind; `None` where it does not run, is none, or the account may not ask.
async fn lag_s(connection: &mut MySqlConnection, flavour: Flavour) -> Option<i64> {
    let new_words = !flavour.is_mariadb() && flavour.at_least(8, 1);
    let (sql, column) = if new_words {
        ("SHOW REPLICA STATUS", "Seconds_Behind_Source")
    } else {
        ("SHOW SLAVE STATUS", "Seconds_Behind_Master")
    };
    let row = sqlx::raw_sql(sql).fetch_optional(connection).await.ok()??;
    row.try_get_unchecked::<Option<i64>, _>(column).ok()?
}
