//! Table `task`, as control sees it: what is due, what is to be offered, what runs where. Each of these may be asked by several
//! controls at the same moment; each change is one guarded `UPDATE`.

use crate::{
    Error, Pool, begin,
    revision::{kind_of, slot_of, touches_of},
    task::Offer,
};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{TaskId, TicketId},
    wire::task::Priority,
};
use dbdesk_ticket::{admission::Work, task::PROTOCOL};
use sqlx::{AssertSqlSafe, FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};

/// So many tasks of one service group are offered again: more than a group may run at once.
const FOREMOST: u32 = 150;

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
        "SELECT id, due_at FROM task WHERE state = 'waiting' AND wish = 'go' AND due_at <= ? ORDER BY due_at, id LIMIT ?",
    )
    .bind(horizon)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(id, due_at)| (TaskId(id), due_at)).collect())
}

#[derive(FromRow)]
struct OfferRow {
    id: u64,
    queue: String,
    priority: u8,
    due_at: Time,
}

/// Takes ready tasks that were never offered, and notes that they are offered now. Two controls never take the same one.
pub async fn take_fresh(pool: &Pool, now: Time, limit: u32) -> Result<Vec<Offer>, Error> {
    let mut tx = begin(pool).await?;
    let rows: Vec<OfferRow> = sqlx::query_as(
        "SELECT id, queue, priority, due_at FROM task WHERE state = 'ready' AND wish = 'go' AND offered_at IS NULL \
         ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED",
    )
    .bind(limit)
    .fetch_all(&mut *tx)
    .await?;
    if rows.is_empty() {
        // At once: rows that were looked at may be locked until then, and others would skip them.
        tx.rollback().await?;
        return Ok(Vec::new());
    }
    note_offered(&mut *tx, &rows, now).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(Offer::from).collect())
}

/// Takes ready tasks that were last offered before `stale`, and notes that they are offered now: of each service group those that
/// come first only, since the others could not start before them. Two controls may take the same one.
pub async fn take_again(pool: &Pool, now: Time, stale: Time, limit: u32) -> Result<Vec<Offer>, Error> {
    let rows: Vec<OfferRow> = sqlx::query_as(
        "SELECT id, queue, priority, due_at FROM (SELECT id, queue, priority, due_at, offered_at, \
         ROW_NUMBER() OVER (PARTITION BY service_group_id ORDER BY priority, due_at, id) AS turn \
         FROM task WHERE state = 'ready' AND wish = 'go') waiting \
         WHERE turn <= ? AND offered_at < ? ORDER BY offered_at, id LIMIT ?",
    )
    .bind(FOREMOST)
    .bind(stale)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    if !rows.is_empty() {
        note_offered(pool, &rows, now).await?;
    }
    Ok(rows.into_iter().map(Offer::from).collect())
}

/// One that is ready, as it is offered.
pub async fn offer(pool: &Pool, task: TaskId) -> Result<Option<Offer>, Error> {
    let row: Option<OfferRow> =
        sqlx::query_as("SELECT id, queue, priority, due_at FROM task WHERE id = ? AND state = 'ready'")
            .bind(task.0)
            .fetch_optional(pool)
            .await?;
    Ok(row.map(Offer::from))
}

async fn note_offered(to: impl MySqlExecutor<'_>, rows: &[OfferRow], now: Time) -> Result<(), Error> {
    let mut query = QueryBuilder::<MySql>::new("UPDATE task SET offered_at = ");
    query.push_bind(now).push(" WHERE state = 'ready' AND id IN (");
    in_list(&mut query, &rows.iter().map(|row| row.id).collect::<Vec<_>>());
    query.build().execute(to).await?;
    Ok(())
}

impl From<OfferRow> for Offer {
    fn from(row: OfferRow) -> Self {
        let priority = Priority::of_rank(row.priority).unwrap_or_default();
        Self { task: TaskId(row.id), queue: row.queue, priority, due_at: row.due_at }
    }
}

/// Forgets every offer: Redis lost what it was told.
pub async fn forget_all_offers(pool: &Pool) -> Result<u64, Error> {
    let done =
        sqlx::query("UPDATE task SET offered_at = NULL WHERE state = 'ready' AND offered_at IS NOT NULL")
            .execute(pool)
            .await?;
    Ok(done.rows_affected())
}

/// A task that is ready, with its place in the order of starting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it is.
    pub work: Work,
    /// How soon; among equals [`Candidate::due_at`] decides.
    pub priority: Priority,
    /// Since when it could have started.
    pub due_at: Time,
}

/// A task that a process holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// What it is.
    pub work: Work,
    /// On which machine.
    pub host: Option<String>,
}

/// The columns that admission looks at.
#[derive(FromRow)]
pub(crate) struct WorkRow {
    id: u64,
    ticket_id: u64,
    service_group_id: u64,
    kind: String,
    touches: Option<String>,
    instance: Option<String>,
    script: Option<String>,
    priority: u8,
    due_at: Time,
    host: Option<String>,
}

const WORK: &str = "id, ticket_id, service_group_id, kind, touches, instance, script, priority, due_at, host";

impl WorkRow {
    pub(crate) fn work(&self) -> Result<Work, Error> {
        Ok(Work {
            task: TaskId(self.id),
            ticket: TicketId(self.ticket_id),
            group: GroupId(self.service_group_id),
            kind: kind_of(&self.kind)?,
            touches: touches_of(self.touches.as_deref())?,
            instance: self.instance.clone(),
            script: slot_of(self.script.as_deref())?,
        })
    }
}

/// What a round of dispatch looks at, all of it at one moment: a task is in one of the two, and not between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// Those that were asked for, are still ready, and that this program understands.
    pub ready: Vec<Candidate>,
    /// Every task that a process holds.
    pub busy: Vec<Busy>,
}

#[derive(FromRow)]
struct LookRow {
    #[sqlx(flatten)]
    row: WorkRow,
    is_busy: i64,
}

/// Looks at the tasks `ids`, and at all that are held.
pub async fn look(pool: &Pool, ids: &[TaskId]) -> Result<Look, Error> {
    let mut query = QueryBuilder::<MySql>::new(format!(
        "SELECT {WORK}, CAST(1 AS SIGNED) AS is_busy FROM task WHERE state IN ('running', 'paused')"
    ));
    if !ids.is_empty() {
        query
            .push(format!(" UNION ALL SELECT {WORK}, CAST(0 AS SIGNED) AS is_busy FROM task "))
            .push("WHERE state = 'ready' AND wish = 'go' AND protocol <= ")
            .push_bind(PROTOCOL)
            .push(" AND id IN (");
        in_list(&mut query, &numbers(ids));
    }
    let rows: Vec<LookRow> = query.build_query_as().fetch_all(pool).await?;
    let mut look = Look::default();
    for LookRow { row, is_busy } in rows {
        let work = row.work()?;
        if is_busy != 0 {
            look.busy.push(Busy { work, host: row.host });
        } else {
            let priority = Priority::of_rank(row.priority).unwrap_or_default();
            look.ready.push(Candidate { work, priority, due_at: row.due_at });
        }
    }
    Ok(look)
}

/// Every task that a process holds.
pub async fn busy(from: impl MySqlExecutor<'_>) -> Result<Vec<Busy>, Error> {
    let rows: Vec<WorkRow> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT {WORK} FROM task WHERE state IN ('running', 'paused')"
    )))
    .fetch_all(from)
    .await?;
    rows.into_iter().map(|row| Ok(Busy { work: row.work()?, host: row.host })).collect()
}

/// Ready tasks whose queue is none of `served`, and that nobody was told of yet; at most `limit`.
pub async fn unserved(pool: &Pool, served: &[String], limit: u32) -> Result<Vec<(TaskId, String)>, Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT id, queue FROM task WHERE state = 'ready' AND (waits IS NULL OR JSON_VALUE(waits, '$.for') <> 'machine') \
         AND queue NOT IN (''",
    );
    for queue in served {
        query.push(", ").push_bind(queue);
    }
    query.push(") ORDER BY id LIMIT ").push_bind(limit);
    let rows: Vec<(u64, String)> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(|(id, queue)| (TaskId(id), queue)).collect())
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
    /// What it has in flight on its target.
    pub flying: Option<Flying>,
}

/// A statement that was sent and has not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flying {
    /// Which, from 0.
    pub index: u32,
    /// The target, `host:port`.
    pub instance: String,
    /// The target's number of the connection.
    pub connection: u64,
    /// Of which service group the target is.
    pub group: GroupId,
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
    service_group_id: u64,
    in_flight: Option<u32>,
    instance: Option<String>,
    connection_id: Option<u64>,
}

/// Tasks held on machine `host`, and those anywhere whose lease is over, as far as this program understands them; at most `limit`, the oldest lease first.
pub async fn held(pool: &Pool, host: &str, limit: u32) -> Result<Vec<Held>, Error> {
    let rows: Vec<HeldRow> = sqlx::query_as(
        "SELECT id, ticket_id, epoch, host, boot_id, pid, pid_start, service_group_id, in_flight, instance, connection_id, \
         CAST(lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3) AS SIGNED) AS stale FROM task \
         WHERE state IN ('running', 'paused') AND protocol <= ? \
         AND (host = ? OR lease_until IS NULL OR lease_until < UTC_TIMESTAMP(3)) ORDER BY lease_until LIMIT ?",
    )
    .bind(PROTOCOL)
    .bind(host)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Held::from).collect())
}

impl From<HeldRow> for Held {
    fn from(row: HeldRow) -> Self {
        let group = GroupId(row.service_group_id);
        // Connection 0 is none: what accounts and scripts do is no statement of a session that could be asked about.
        let connection = row.connection_id.filter(|connection| *connection != 0);
        let flying = row.in_flight.zip(row.instance).zip(connection);
        Self {
            task: TaskId(row.id),
            ticket: TicketId(row.ticket_id),
            epoch: row.epoch,
            host: row.host.unwrap_or_default(),
            boot_id: row.boot_id.unwrap_or_default(),
            pid: row.pid.unwrap_or_default(),
            pid_start: row.pid_start.unwrap_or_default(),
            stale: row.stale != 0,
            flying: flying.map(|((index, instance), connection)| Flying {
                index,
                instance,
                connection,
                group,
            }),
        }
    }
}

/// Tasks of machine `host` that are to be cancelled and have not heard it for `grace_ms`, by the store's clock: their process does
/// not answer, or was given up within a day. At most `limit`, the newest first.
pub async fn unheard(pool: &Pool, host: &str, grace_ms: u64, limit: u32) -> Result<Vec<Held>, Error> {
    let rows: Vec<HeldRow> = sqlx::query_as(
        "SELECT id, ticket_id, epoch, host, boot_id, pid, pid_start, service_group_id, in_flight, instance, connection_id, \
         CAST(0 AS SIGNED) AS stale FROM task WHERE state IN ('running', 'paused', 'lost') AND (silent = 1 OR state = 'lost') \
         AND host = ? AND wish = 'cancel' AND wish_at < UTC_TIMESTAMP(3) - INTERVAL ? * 1000 MICROSECOND \
         AND (state <> 'lost' OR ended_at > UTC_TIMESTAMP(3) - INTERVAL 1 DAY) ORDER BY wish_at DESC LIMIT ?",
    )
    .bind(host)
    .bind(grace_ms)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Held::from).collect())
}

/// Tickets that wait for an approval, asked for a time of their own, and were not told that it has passed; the oldest first.
pub async fn with_time_unapproved(pool: &Pool, limit: u32) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM ticket WHERE state = 'awaiting_approval' AND when_asked LIKE '2%' AND due_at IS NULL \
         AND LEFT(IF(LOCATE('/', when_asked) > 0, SUBSTRING_INDEX(when_asked, '/', -1), when_asked), 16) \
         < DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i') ORDER BY id LIMIT ?",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
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
