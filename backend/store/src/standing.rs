//! How much stands where, for the queue and for `/metrics`. What ended is only counted by the index on its state; what is open is
//! little, and is read whole.

use crate::{Error, Pool, within::and_group};
use dbdesk_cmdb::Within;
use dbdesk_commands::wire::queue::MachineView;
use sqlx::{FromRow, MySql, QueryBuilder};

/// A control that was not seen for so long is not counted.
const CONTROL_LIFE_S: u32 = 60;
/// Most machines that are told of.
const MACHINES: u32 = 100;

/// Tickets by state.
pub async fn tickets(pool: &Pool) -> Result<Vec<(String, i64)>, Error> {
    Ok(sqlx::query_as("SELECT state, COUNT(*) FROM ticket GROUP BY state").fetch_all(pool).await?)
}

/// Tasks by state.
pub async fn tasks(pool: &Pool) -> Result<Vec<(String, i64)>, Error> {
    Ok(sqlx::query_as("SELECT state, COUNT(*) FROM task GROUP BY state").fetch_all(pool).await?)
}

/// Tasks that have not ended, of one state, queue and priority.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Open {
    /// The word of their state.
    pub state: String,
    /// Their queue: labels, or nothing.
    pub queue: String,
    /// The rank of their priority.
    pub priority: u8,
    /// So many.
    pub tasks: i64,
    /// Of these, so many are held by a person.
    pub held: i64,
    /// Of these, so many do not answer.
    pub silent: i64,
}

/// Tasks of these service groups that have not ended.
pub async fn open(pool: &Pool, within: &Within) -> Result<Vec<Open>, Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT state, queue, priority, COUNT(*) AS tasks, CAST(SUM(wish = 'pause') AS SIGNED) AS held, \
         CAST(SUM(silent = 1 AND state IN ('running', 'paused')) AS SIGNED) AS silent \
         FROM task WHERE state IN ('waiting', 'ready', 'running', 'paused')",
    );
    and_group(&mut query, "service_group_id", within);
    query.push(" GROUP BY state, queue, priority");
    Ok(query.build_query_as().fetch_all(pool).await?)
}

/// Why tasks that are due do not start: the word of [`dbdesk_commands`]' `Waits`, or `none` where nothing keeps them.
pub async fn due(pool: &Pool) -> Result<Vec<(String, i64)>, Error> {
    Ok(sqlx::query_as(
        "SELECT CASE WHEN wish <> 'go' THEN 'held' WHEN waits IS NULL THEN 'none' \
         ELSE SUBSTRING_INDEX(SUBSTRING_INDEX(waits, '\"for\":\"', -1), '\"', 1) END AS reason, COUNT(*) \
         FROM task WHERE state = 'ready' GROUP BY reason",
    )
    .fetch_all(pool)
    .await?)
}

/// For how long the lease that was proven longest ago was not proven, in milliseconds; `lease_ms` is how long one lasts.
pub async fn oldest_heartbeat_ms(pool: &Pool, lease_ms: u64) -> Result<u64, Error> {
    let left: Option<i64> = sqlx::query_scalar(
        "SELECT CAST(MIN(TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(3), lease_until)) DIV 1000 AS SIGNED) FROM task \
         WHERE state IN ('running', 'paused')",
    )
    .fetch_one(pool)
    .await?;
    let lease = i64::try_from(lease_ms).unwrap_or(i64::MAX);
    Ok(left.map_or(0, |left| u64::try_from(lease.saturating_sub(left)).unwrap_or(0)))
}

/// Controls that were seen lately.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Controls {
    /// They take tasks.
    pub working: i64,
    /// They take nothing more.
    pub draining: i64,
}

/// How many controls there are.
pub async fn controls(pool: &Pool) -> Result<Controls, Error> {
    Ok(sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(wish <> 'drain'), 0) AS SIGNED) AS working, \
         CAST(COALESCE(SUM(wish = 'drain'), 0) AS SIGNED) AS draining FROM control \
         WHERE seen_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND",
    )
    .bind(CONTROL_LIFE_S)
    .fetch_one(pool)
    .await?)
}

#[derive(FromRow)]
struct Machine {
    host: String,
    controls: i64,
    draining: i64,
    tasks_at_once: i64,
    seen_ms: i64,
}

/// The machines whose controls were seen lately, and those on which something runs.
pub async fn machines(pool: &Pool) -> Result<Vec<MachineView>, Error> {
    let machines: Vec<Machine> = sqlx::query_as(
        "SELECT host, COUNT(*) AS controls, CAST(SUM(wish = 'drain') AS SIGNED) AS draining, \
         CAST(SUM(IF(wish = 'drain', 0, tasks_at_once)) AS SIGNED) AS tasks_at_once, \
         CAST(MIN(TIMESTAMPDIFF(MICROSECOND, seen_at, UTC_TIMESTAMP(3))) DIV 1000 AS SIGNED) AS seen_ms \
         FROM control WHERE seen_at > UTC_TIMESTAMP(3) - INTERVAL ? SECOND GROUP BY host ORDER BY host LIMIT ?",
    )
    .bind(CONTROL_LIFE_S)
    .bind(MACHINES)
    .fetch_all(pool)
    .await?;
    let running: Vec<(String, i64)> = sqlx::query_as(
        "SELECT host, COUNT(*) FROM task WHERE state IN ('running', 'paused') AND host IS NOT NULL GROUP BY host LIMIT ?",
    )
    .bind(MACHINES)
    .fetch_all(pool)
    .await?;
    let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let mut views: Vec<MachineView> = machines
        .into_iter()
        .map(|machine| MachineView {
            host: machine.host,
            controls: small(machine.controls),
            draining: small(machine.draining),
            tasks_at_once: small(machine.tasks_at_once),
            running: 0,
            seen_ms: u64::try_from(machine.seen_ms).ok(),
        })
        .collect();
    for (host, count) in running {
        let place = views.iter_mut().find(|view| view.host == host);
        match place {
            Some(view) => view.running = small(count),
            None => views.push(MachineView {
                host,
                controls: 0,
                draining: 0,
                tasks_at_once: 0,
                running: small(count),
                seen_ms: None,
            }),
        }
    }
    views.sort_by(|a, b| a.host.cmp(&b.host));
    Ok(views)
}
