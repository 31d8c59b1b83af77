//! Table `cluster_backup`: backups that were taken and are kept. Table `group_backup`: when the next one of a group begins.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{clock::Time, id::TicketId};
use sqlx::FromRow;

/// A backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRow {
    /// Its name.
    pub id: String,
    /// Of which group.
    pub group: GroupId,
    /// The ticket that took it.
    pub ticket: TicketId,
    /// The host that keeps it, by its name in the inventory.
    pub host: String,
    /// In this folder.
    pub folder: String,
    /// Of which server, `host:port`.
    pub source: String,
    /// When it was begun.
    pub taken_at: Time,
    /// How long it is.
    pub bytes: u64,
    /// When it was last restored and found whole.
    pub verified_at: Option<Time>,
}

#[derive(FromRow)]
struct Row {
    id: String,
    service_group_id: u64,
    ticket_id: u64,
    host: String,
    folder: String,
    source: String,
    taken_at: Time,
    bytes: u64,
    verified_at: Option<Time>,
}

impl From<Row> for BackupRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            group: GroupId(row.service_group_id),
            ticket: TicketId(row.ticket_id),
            host: row.host,
            folder: row.folder,
            source: row.source,
            taken_at: row.taken_at,
            bytes: row.bytes,
            verified_at: row.verified_at,
        }
    }
}

const COLUMNS: &str = "id, service_group_id, ticket_id, host, folder, source, taken_at, bytes, verified_at";

/// Writes one down. May be called again.
pub async fn put(pool: &Pool, row: &BackupRow) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO cluster_backup (id, service_group_id, ticket_id, host, folder, source, taken_at, bytes, verified_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE verified_at = COALESCE(VALUES(verified_at), verified_at)",
    )
    .bind(&row.id)
    .bind(row.group.0)
    .bind(row.ticket.0)
    .bind(&row.host)
    .bind(&row.folder)
    .bind(&row.source)
    .bind(row.taken_at)
    .bind(row.bytes)
    .bind(row.verified_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// It was restored and found whole.
pub async fn verified(pool: &Pool, id: &str, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE cluster_backup SET verified_at = ? WHERE id = ?")
        .bind(at)
        .bind(id)
        .execute(pool)
        .await?;
    Ok(())
}

/// It is not kept any more.
pub async fn remove(pool: &Pool, id: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM cluster_backup WHERE id = ?").bind(id).execute(pool).await?;
    Ok(())
}

/// Those of a group, newest first.
pub async fn of_group(pool: &Pool, group: GroupId, limit: u32) -> Result<Vec<BackupRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM cluster_backup WHERE service_group_id = ? ORDER BY taken_at DESC LIMIT ?"
    )))
    .bind(group.0)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(BackupRow::from).collect())
}

/// The newest verified one of a group that was taken before this.
pub async fn newest_before(pool: &Pool, group: GroupId, at: Time) -> Result<Option<BackupRow>, Error> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM cluster_backup WHERE service_group_id = ? AND taken_at <= ? AND verified_at IS NOT NULL \
         ORDER BY taken_at DESC LIMIT 1"
    )))
    .bind(group.0)
    .bind(at)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(BackupRow::from))
}

/// Whether a group is to be backed up at all, as its inventory says now.
pub(crate) async fn plan(tx: &mut Tx, group: GroupId, is_planned: bool) -> Result<(), Error> {
    let sql = if is_planned {
        // It is worked out anew: the time may be another.
        "INSERT INTO group_backup (service_group_id) VALUES (?) ON DUPLICATE KEY UPDATE next_at = NULL"
    } else {
        "DELETE FROM group_backup WHERE service_group_id = ?"
    };
    sqlx::query(sql).bind(group.0).execute(&mut **tx).await?;
    Ok(())
}

/// Groups whose next backup is due or not worked out, with that time and the ticket of the last one.
pub async fn due(
    pool: &Pool,
    now: Time,
    limit: u32,
) -> Result<Vec<(GroupId, Option<Time>, Option<TicketId>)>, Error> {
    let rows: Vec<(u64, Option<Time>, Option<u64>)> = sqlx::query_as(
        "SELECT service_group_id, next_at, ticket_id FROM group_backup WHERE next_at IS NULL OR next_at <= ? \
         ORDER BY next_at LIMIT ?",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(id, at, ticket)| (GroupId(id), at, ticket.map(TicketId))).collect())
}

/// The next one begins then. `false`: somebody else has said so meanwhile.
pub async fn next(tx: &mut Tx, group: GroupId, (was, at): (Option<Time>, Time)) -> Result<bool, Error> {
    let done =
        sqlx::query("UPDATE group_backup SET next_at = ? WHERE service_group_id = ? AND next_at <=> ?")
            .bind(at)
            .bind(group.0)
            .bind(was)
            .execute(&mut **tx)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// This ticket takes the one that was due.
pub async fn filed(tx: &mut Tx, group: GroupId, ticket: TicketId) -> Result<(), Error> {
    sqlx::query("UPDATE group_backup SET ticket_id = ? WHERE service_group_id = ?")
        .bind(ticket.0)
        .bind(group.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
