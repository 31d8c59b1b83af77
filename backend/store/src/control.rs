//! Table `control`: the controls that work, on which machines, and what they take.

use crate::{Error, Pool, run::Claimant};
use dbdesk_commands::clock::Time;
use sqlx::FromRow;

/// A control that was not seen for so long, by the store's clock, does not work.
pub const ALIVE_MS: u64 = 5_000;

/// What a control says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its name, no other's.
    pub name: String,
    /// Its process.
    pub process: Claimant,
    /// The program's version.
    pub version: String,
    /// What of a task's row it understands.
    pub protocol: u32,
    /// Its machine's labels.
    pub labels: Vec<String>,
    /// How much may run at once on its machine.
    pub tasks_at_once: u32,
}

/// A control as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlRow {
    /// What it says of itself.
    pub about: About,
    /// It is to take nothing more, and to end.
    pub drains: bool,
    /// When it started.
    pub started_at: Time,
    /// How long ago it was last seen, by the store's clock.
    pub seen_ms: u64,
}

impl ControlRow {
    /// It works.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.seen_ms < ALIVE_MS
    }
}

#[derive(FromRow)]
struct Row {
    name: String,
    host: String,
    boot_id: String,
    pid: u32,
    pid_start: u64,
    version: String,
    protocol: u32,
    labels: String,
    tasks_at_once: u32,
    wish: String,
    started_at: Time,
    seen_ms: i64,
}

impl TryFrom<Row> for ControlRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            about: About {
                name: row.name,
                process: Claimant {
                    host: row.host,
                    boot_id: row.boot_id,
                    pid: row.pid,
                    pid_start: row.pid_start,
                },
                version: row.version,
                protocol: row.protocol,
                labels: serde_json::from_str(&row.labels).map_err(|error| Error::Fault(error.into()))?,
                tasks_at_once: row.tasks_at_once,
            },
            drains: row.wish == "drain",
            started_at: row.started_at,
            seen_ms: u64::try_from(row.seen_ms).unwrap_or_default(),
        })
    }
}

/// Every control, by name.
pub async fn all(pool: &Pool) -> Result<Vec<ControlRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT name, host, boot_id, pid, pid_start, version, protocol, labels, tasks_at_once, wish, started_at, \
         TIMESTAMPDIFF(MICROSECOND, seen_at, UTC_TIMESTAMP(3)) DIV 1000 AS seen_ms FROM control ORDER BY name LIMIT 1000",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(ControlRow::try_from).collect()
}

/// Says that this control works.
pub async fn seen(pool: &Pool, about: &About, at: Time) -> Result<(), Error> {
    let labels = serde_json::to_string(&about.labels).map_err(|error| Error::Fault(error.into()))?;
    sqlx::query(
        "INSERT INTO control (name, host, boot_id, pid, pid_start, version, protocol, labels, tasks_at_once, started_at, seen_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE seen_at = UTC_TIMESTAMP(3)",
    )
    .bind(&about.name)
    .bind(&about.process.host)
    .bind(&about.process.boot_id)
    .bind(about.process.pid)
    .bind(about.process.pid_start)
    .bind(&about.version)
    .bind(about.protocol)
    .bind(labels)
    .bind(about.tasks_at_once)
    .bind(at)
    .execute(pool)
    .await?;
    Ok(())
}

/// Asks controls to take nothing more and to end: those of one machine, or all. Gives their names.
pub async fn drain(pool: &Pool, host: Option<&str>) -> Result<Vec<String>, Error> {
    sqlx::query("UPDATE control SET wish = 'drain' WHERE ? IS NULL OR host = ?")
        .bind(host)
        .bind(host)
        .execute(pool)
        .await?;
    let drains = all(pool).await?.into_iter().filter(|row| row.drains);
    Ok(drains.map(|row| row.about.name).collect())
}

/// This control has ended.
pub async fn gone(pool: &Pool, name: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM control WHERE name = ?").bind(name).execute(pool).await?;
    Ok(())
}

/// Forgets controls that were not seen for so long.
pub async fn sweep(pool: &Pool, silent_ms: u64) -> Result<u64, Error> {
    let done =
        sqlx::query("DELETE FROM control WHERE seen_at < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND")
            .bind(silent_ms)
            .execute(pool)
            .await?;
    Ok(done.rows_affected())
}
