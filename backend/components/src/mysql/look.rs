//! Looking at a running statement from outside, through a connection of its own that is kept.

use super::connect::{OpenError, cut, open_error, plain, server_error};
use dbdesk_commands::wire::live::Blocker;
use sqlx::{
    ConnectOptions as _, Connection as _, FromRow, MySqlConnection, Row as _, mysql::MySqlConnectOptions,
};
use std::time::Duration;

/// What a statement in flight does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Running {
    /// The server's word for it.
    pub stage: String,
    /// How much is done, in thousandths, where the server estimates it.
    pub permille: Option<u16>,
    /// Rows read so far, where the server counts them.
    pub rows: Option<u64>,
    /// Whose lock it waits for, where the server tells.
    pub blocker: Option<Blocker>,
}

/// What was seen of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// It is there.
    There(Running),
    /// The server lives but lets nobody in to look (too many connections, say).
    Hidden,
    /// The server does not know it.
    Gone,
}

const MARIADB: &str = "SELECT CAST(state AS CHAR) AS stage, CAST(max_stage AS UNSIGNED) AS stages, CAST(stage AS UNSIGNED) AS at_stage, \
     CAST(progress * 10 AS UNSIGNED) AS done, CAST(1000 AS UNSIGNED) AS whole, CAST(examined_rows AS UNSIGNED) AS seen \
     FROM information_schema.processlist WHERE id = ?";
const MYSQL: &str = "SELECT CAST(p.state AS CHAR) AS stage, CAST(1 AS UNSIGNED) AS stages, CAST(1 AS UNSIGNED) AS at_stage, \
     CAST(COALESCE(s.work_completed, 0) AS UNSIGNED) AS done, CAST(COALESCE(s.work_estimated, 0) AS UNSIGNED) AS whole, \
     CAST(0 AS UNSIGNED) AS seen FROM information_schema.processlist p \
     LEFT JOIN performance_schema.threads t ON t.processlist_id = p.id \
     LEFT JOIN performance_schema.events_stages_current s ON s.thread_id = t.thread_id WHERE p.id = ?";
/// For an account that may not read the performance schema.
const PLAIN: &str = "SELECT CAST(state AS CHAR) AS stage, CAST(0 AS UNSIGNED) AS stages, CAST(0 AS UNSIGNED) AS at_stage, \
     CAST(0 AS UNSIGNED) AS done, CAST(0 AS UNSIGNED) AS whole, CAST(0 AS UNSIGNED) AS seen \
     FROM information_schema.processlist WHERE id = ?";

const ROW_LOCK_MARIADB: &str = "SELECT CAST(p.id AS UNSIGNED), CONCAT(p.user, '@', p.host) FROM information_schema.innodb_lock_waits w \
     JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id \
     JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id \
     JOIN information_schema.processlist p ON p.id = b.trx_mysql_thread_id WHERE r.trx_mysql_thread_id = ? LIMIT 1";
const ROW_LOCK_MYSQL: &str = "SELECT CAST(b.processlist_id AS UNSIGNED), CONCAT(b.processlist_user, '@', b.processlist_host) \
     FROM performance_schema.data_lock_waits w \
     JOIN performance_schema.threads r ON r.thread_id = w.requesting_thread_id \
     JOIN performance_schema.threads b ON b.thread_id = w.blocking_thread_id WHERE r.processlist_id = ? LIMIT 1";
/// Both have this table; on MariaDB it is filled where the performance schema is on.
const TABLE_LOCK: &str = "SELECT CAST(h.processlist_id AS UNSIGNED), CONCAT(h.processlist_user, '@', h.processlist_host) \
     FROM performance_schema.metadata_locks w JOIN performance_schema.threads r ON r.thread_id = w.owner_thread_id \
     JOIN performance_schema.metadata_locks g ON g.object_type = w.object_type AND g.object_schema = w.object_schema \
     AND g.object_name = w.object_name AND g.lock_status = 'GRANTED' AND g.owner_thread_id <> w.owner_thread_id \
     JOIN performance_schema.threads h ON h.thread_id = g.owner_thread_id \
     WHERE r.processlist_id = ? AND w.lock_status = 'PENDING' LIMIT 1";

#[derive(FromRow)]
struct Line {
    stage: Option<String>,
    stages: u64,
    at_stage: u64,
    done: u64,
    whole: u64,
    seen: u64,
}

impl Line {
    /// All stages count alike.
    fn permille(&self) -> Option<u16> {
        if self.whole == 0 || self.stages == 0 {
            return None;
        }
        let here = u128::from(self.done.min(self.whole)) * 1_000 / u128::from(self.whole);
        let before = u128::from(self.at_stage.clamp(1, self.stages) - 1) * 1_000;
        u16::try_from((before + here) / u128::from(self.stages)).ok()
    }
}

/// A connection that looks at another one.
#[derive(Debug)]
pub struct Look {
    server: MySqlConnection,
    id: u64,
    mariadb: bool,
    /// The account may read the performance schema, as far as is known.
    full: bool,
}

impl Look {
    /// Connects to look at connection `id`. `Ok(None)`: the server lives but lets nobody in.
    pub async fn open(
        target: &MySqlConnectOptions,
        id: u64,
        limit: Duration,
    ) -> Result<Option<Self>, OpenError> {
        let opened = async {
            let mut server = plain(target).connect().await?;
            let version: String = sqlx::query("SELECT VERSION()").fetch_one(&mut server).await?.try_get(0)?;
            Ok::<_, sqlx::Error>(Self { server, id, mariadb: version.contains("MariaDB"), full: true })
        };
        match tokio::time::timeout(limit, opened).await {
            Ok(Ok(look)) => Ok(Some(look)),
            Ok(Err(error)) if server_error(&error).is_some() => Ok(None),
            Ok(Err(error)) => Err(open_error(&error)),
            Err(_) => Err(OpenError::Unreachable(format!("no answer within {} ms", limit.as_millis()))),
        }
    }

    /// What the connection does now. After an error this look is of no use any more.
    pub async fn see(&mut self, limit: Duration) -> Result<Sight, OpenError> {
        match tokio::time::timeout(limit, self.asked()).await {
            Ok(Ok(sight)) => Ok(sight),
            Ok(Err(error)) => Err(open_error(&error)),
            Err(_) => Err(OpenError::Unreachable("the list of processes was not answered in time".into())),
        }
    }

    async fn asked(&mut self) -> Result<Sight, sqlx::Error> {
        let Some(line) = self.line().await? else { return Ok(Sight::Gone) };
        let permille = line.permille();
        let stage = cut(line.stage.as_deref().unwrap_or_default());
        let blocker = if permille.is_none() { self.blocker(&stage).await } else { None };
        let rows = (line.seen > 0).then_some(line.seen);
        Ok(Sight::There(Running { stage, permille, rows, blocker }))
    }

    async fn line(&mut self) -> Result<Option<Line>, sqlx::Error> {
        let text = match (self.mariadb, self.full) {
            (true, true) => MARIADB,
            (false, true) => MYSQL,
            (_, false) => PLAIN,
        };
        match sqlx::query_as(text).bind(self.id).fetch_optional(&mut self.server).await {
            Err(error) if self.full && server_error(&error).is_some() => {
                self.full = false;
                sqlx::query_as(PLAIN).bind(self.id).fetch_optional(&mut self.server).await
            }
            line => line,
        }
    }

    /// A server that does not say whose lock it is says nothing.
    async fn blocker(&mut self, stage: &str) -> Option<Blocker> {
        let text = match (stage.starts_with("Waiting for"), self.mariadb) {
            (true, _) => TABLE_LOCK,
            (false, true) => ROW_LOCK_MARIADB,
            (false, false) => ROW_LOCK_MYSQL,
        };
        let row: Option<(u64, Option<String>)> =
            sqlx::query_as(text).bind(self.id).fetch_optional(&mut self.server).await.ok()?;
        row.map(|(connection, account)| Blocker { connection, account: cut(&account.unwrap_or_default()) })
    }

    /// Ends it in order.
    pub async fn close(self, limit: Duration) {
        let _ = tokio::time::timeout(limit, self.server.close()).await;
    }
}
