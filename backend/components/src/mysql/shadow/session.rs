//! A connection to a review server, and the schemas that are made and dropped there.

use super::super::connect::{OpenError, READS_AS_THE_REVIEW, connect, open_error, plain};
use dbdesk_review::Flavour;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::timeout;

/// How the schemas of trials begin. The account on a review server may use no others.
pub const PREFIX: &str = "dbdesk_shadow_";
/// "Unknown thread id": it has ended already.
const NO_SUCH_THREAD: u16 = 1094;

/// A connection to a review server.
pub(super) struct Session {
    pub(super) connection: MySqlConnection,
    pub(super) flavour: Flavour,
    id: u64,
    /// The server's own clock when the session began: the one by which all its shadows are dated.
    now_ms: u64,
}

pub(super) async fn open(server: &MySqlConnectOptions, limit: Duration) -> Result<Session, OpenError> {
    let mut connection = connect(&plain(server), limit).await?;
    let asked = async {
        connection.execute(READS_AS_THE_REVIEW).await?;
        let sql = "SELECT VERSION(), CAST(CONNECTION_ID() AS UNSIGNED), \
                   CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)";
        let row = connection.fetch_one(sql).await?;
        let version: String = row.try_get_unchecked(0)?;
        Ok::<(String, u64, u64), sqlx::Error>((version, row.try_get_unchecked(1)?, row.try_get_unchecked(2)?))
    };
    match timeout(limit, asked).await {
        Ok(Ok((version, id, now_ms))) => {
            let flavour = Flavour::of_version(&version).unwrap_or_default();
            Ok(Session { connection, flavour, id, now_ms })
        }
        Ok(Err(error)) => Err(open_error(&error)),
        Err(_) => Err(OpenError::Unreachable("the session could not be set up in time".into())),
    }
}

impl Session {
    /// A name for the shadow of each database.
    pub(super) fn names<'a>(
        &self,
        databases: impl Iterator<Item = &'a String>,
        mark: [u8; 4],
    ) -> BTreeMap<String, String> {
        let mark = u32::from_be_bytes(mark);
        let name = |at| format!("{PREFIX}{}_{mark:08x}_{at}", self.now_ms);
        databases.enumerate().map(|(at, database)| (database.clone(), name(at))).collect()
    }

    /// Runs our own statement.
    pub(super) async fn execute(&mut self, sql: String) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection).await.map(|_| ())
    }

    pub(super) async fn close(self, limit: Duration) {
        let _ = timeout(limit, self.connection.close()).await;
    }

    /// Drops the shadows. Where the connection is still busy, it is killed first, through a second one.
    pub(super) async fn clean(
        mut self,
        server: &MySqlConnectOptions,
        shadows: impl Iterator<Item = &String> + Clone,
        in_order: bool,
        limit: Duration,
    ) {
        if in_order && dropped(&mut self, shadows.clone(), limit).await {
            return self.close(limit).await;
        }
        let cleaned = async {
            let mut second = open(server, limit).await?;
            let id = self.id;
            if let Err(error) = second.execute(format!("KILL {id}")).await
                && super::super::connect::server_error(&error).is_none_or(|(code, _)| code != NO_SUCH_THREAD)
            {
                tracing::debug!(%error, "a connection to a review server could not be killed");
            }
            let all = dropped(&mut second, shadows, limit).await;
            second.close(limit).await;
            Ok::<bool, OpenError>(all)
        };
        match cleaned.await {
            Ok(true) => {}
            Ok(false) => tracing::warn!("a shadow could not be dropped; it is swept later"),
            Err(error) => tracing::warn!(%error, "a shadow could not be dropped; it is swept later"),
        }
    }
}

async fn dropped(session: &mut Session, shadows: impl Iterator<Item = &String>, limit: Duration) -> bool {
    for shadow in shadows {
        match timeout(limit, session.execute(format!("DROP DATABASE IF EXISTS `{shadow}`"))).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, shadow, "a shadow was not dropped at once");
                return false;
            }
            Err(_) => return false,
        }
    }
    true
}

/// Drops the shadows on a server that are older than `age`: their process is gone, or it can not reach the server. Gives
/// their names.
pub async fn sweep(
    server: &MySqlConnectOptions,
    age: Duration,
    limit: Duration,
) -> Result<Vec<String>, OpenError> {
    let mut session = open(server, limit).await?;
    let asked = async {
        let sql = "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'dbdesk\\_shadow\\_%'";
        let rows = session.connection.fetch_all(sql).await?;
        rows.iter().map(|row| row.try_get_unchecked(0)).collect::<Result<Vec<String>, sqlx::Error>>()
    };
    let names = match timeout(limit, asked).await {
        Ok(Ok(names)) => names,
        Ok(Err(error)) => return Err(open_error(&error)),
        Err(_) => return Err(OpenError::Unreachable("its schemas were not listed in time".into())),
    };
    let age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
    let (mut gone, now_ms) = (Vec::new(), session.now_ms);
    for name in names {
        let is_old = made_at_ms(&name).is_some_and(|made| made.saturating_add(age_ms) <= now_ms);
        if is_old && dropped(&mut session, std::iter::once(&name), limit).await {
            gone.push(name);
        }
    }
    session.close(limit).await;
    Ok(gone)
}

/// When a shadow of this name was made; `None` for a name that is none of ours.
fn made_at_ms(name: &str) -> Option<u64> {
    let mut parts = name.strip_prefix(PREFIX)?.split('_');
    let (made, mark, at) = (parts.next()?, parts.next()?, parts.next()?);
    let is_ours = mark.len() == 8
        && mark.bytes().all(|byte| byte.is_ascii_hexdigit())
        && at.parse::<u16>().is_ok()
        && parts.next().is_none();
    if is_ours { made.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_trial_gives_are_dated() {
        assert_eq!(made_at_ms("dbdesk_shadow_1790000000000_00ff12ab_0"), Some(1_790_000_000_000));
        for name in [
            "shop",
            "dbdesk",
            "dbdesk_shadow_",
            "dbdesk_shadow_1_x",
            "dbdesk_shadow_1_00ff12ab_0_x",
            "dbdesk_shadow_x_00ff12ab_0",
        ] {
            assert_eq!(made_at_ms(name), None, "{name}");
        }
    }
}
