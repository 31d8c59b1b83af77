//! Table `task`, as control sees it: what is due, what is to be offered, what runs where. Each of these may be asked by several
//! controls at the same moment; each change is one guarded `UPDATE`.

use crate::{Error, Pool};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
};
use sqlx::{FromRow, MySql, QueryBuilder};

/// Makes waiting tasks ready whose time has come, the longest due first; gives how many. What a person holds stays.
pub async fn promote(pool: &Pool, now: Time, limit: u32) -> Result<u64, Error> {
    let done = sqlx::query(
        "UPDATE task SET state = 'ready', offered_at = NULL WHERE state = 'waiting' AND wish = 'go' AND due_at <= ? \
         ORDER BY due_at, id LIMIT ?",
    )
    .bind(now)
    .bind(limit)
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Waiting tasks that are due until `horizon`, the earliest first.
pub async fn due_until(pool: &Pool, horizon: Time, limit: u32) -> Result<Vec<(TaskId, Time)>, Error> {
    let rows: Vec<(u64, Time)> = sqlx::query_as(
        "SELECT id, due_at FROM task WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?",
    )
    .bind(horizon)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(id, due_at)| (TaskId(id), due_at)).collect())
}

/// Takes ready tasks that were never offered, or last before `stale`, and notes that they are offered now. Two controls never
/// take the same one.
pub async fn take_for_offer(pool: &Pool, now: Time, stale: Time, limit: u32) -> Result<Vec<TaskId>, Error> {
    let mut tx = pool.begin().await?;
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM task WHERE state = 'ready' AND wish = 'go' AND (offered_at IS NULL OR offered_at < ?) \
         ORDER BY due_at, id LIMIT ? FOR UPDATE SKIP LOCKED",
    )
    .bind(stale)
    .bind(limit)
    .fetch_all(&mut *tx)
    .await?;
    if ids.is_empty() {
        // At once: rows that were looked at may be locked until then, and others would skip them.
        tx.rollback().await?;
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new("UPDATE task SET offered_at = ");
    query.push_bind(now).push(" WHERE state = 'ready' AND id IN (");
    in_list(&mut query, &ids);
    query.build().execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(ids.into_iter().map(TaskId).collect())
}

/// Notes that these are not offered after all, so that the next look offers them again.
pub async fn forget_offer(pool: &Pool, ids: &[TaskId]) -> Result<(), Error> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut query =
        QueryBuilder::<MySql>::new("UPDATE task SET offered_at = NULL WHERE state = 'ready' AND id IN (");
    in_list(&mut query, &numbers(ids));
    query.build().execute(pool).await?;
    Ok(())
}

/// Forgets every offer: Redis lost what it was told.
pub async fn forget_all_offers(pool: &Pool) -> Result<u64, Error> {
    let done =
        sqlx::query("UPDATE task SET offered_at = NULL WHERE state = 'ready' AND offered_at IS NOT NULL")
            .execute(pool)
            .await?;
    Ok(done.rows_affected())
}

/// Those of `ids` that are still ready, each with its service group, in the order of their times.
pub async fn still_ready(pool: &Pool, ids: &[TaskId]) -> Result<Vec<(TaskId, GroupId)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT t.id, k.service_group_id FROM task t JOIN ticket k ON k.id = t.ticket_id \
         WHERE t.state = 'ready' AND t.id IN (",
    );
    in_list(&mut query, &numbers(ids));
    query.push(" ORDER BY t.due_at, t.id");
    let rows: Vec<(u64, u64)> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(task, group)| (TaskId(task), GroupId(group))).collect())
}

/// A task that a process holds, as far as admission cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// Which.
    pub task: TaskId,
    /// On whose servers.
    pub group: GroupId,
    /// On which machine.
    pub host: Option<String>,
}

/// Every task that a process holds.
pub async fn busy(pool: &Pool) -> Result<Vec<Busy>, Error> {
    let rows: Vec<(u64, u64, Option<String>)> = sqlx::query_as(
        "SELECT t.id, k.service_group_id, t.host FROM task t JOIN ticket k ON k.id = t.ticket_id \
         WHERE t.state IN ('running', 'paused')",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(task, group, host)| Busy { task: TaskId(task), group: GroupId(group), host })
        .collect())
}

/// A task that a process holds, as far as rescue cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which.
    pub task: TaskId,
    /// Whose work it does.
    pub ticket: TicketId,
    /// The fencing token of the lease.
    pub epoch: u64,
    /// On which machine.
    pub host: String,
    /// That machine's boot id when it was claimed.
    pub boot_id: String,
    /// The process.
    pub pid: u32,
    /// When the process started, in the kernel's ticks.
    pub pid_start: u64,
    /// The lease is over, by the store's clock.
    pub stale: bool,
}

#[derive(FromRow)]
struct HeldRow {
    id: u64,
    ticket_id: u64,
    epoch: u64,
    host: Option<String>,
    boot_id: Option<String>,
    pid: Option<u32>,
    pid_start: Option<u64>,
    stale: i64,
}

/// Tasks held on machine `host`, and those anywhere whose lease is over; at most `limit`, the oldest lease first.
pub async fn held(pool: &Pool, host: &str, limit: u32) -> Result<Vec<Held>, Error> {
    let rows: Vec<HeldRow> = sqlx::query_as(
        "SELECT id, ticket_id, epoch, host, boot_id, pid, pid_start, \
         CAST(lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3) AS SIGNED) AS stale FROM task \
         WHERE state IN ('running', 'paused') AND (host = ? OR lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3)) \
         ORDER BY lease_until LIMIT ?",
    )
    .bind(host)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Held {
            task: TaskId(row.id),
            ticket: TicketId(row.ticket_id),
            epoch: row.epoch,
            host: row.host.unwrap_or_default(),
            boot_id: row.boot_id.unwrap_or_default(),
            pid: row.pid.unwrap_or_default(),
            pid_start: row.pid_start.unwrap_or_default(),
            stale: row.stale != 0,
        })
        .collect())
}

/// Tickets whose approval was not used until `now`.
pub async fn approvals_over(pool: &Pool, now: Time, limit: u32) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM ticket WHERE state IN ('scheduled', 'held') AND approval_expires_at <= ? \
         ORDER BY approval_expires_at LIMIT ?",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

fn numbers(ids: &[TaskId]) -> Vec<u64> {
    ids.iter().map(|id| id.0).collect()
}

fn in_list(query: &mut QueryBuilder<MySql>, ids: &[u64]) {
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")");
}
