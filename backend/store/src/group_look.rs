//! Table `group_look`: when a group's servers are looked at next, and in what they differ from the inventory.

use crate::{Error, Pool, Tx};
use chrono::TimeDelta;
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{NoticeId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// A group's row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// When it was found last that something differs, or does no more.
    pub looked_at: Option<Time>,
    /// What differs, JSON; nothing where nothing does.
    pub differences: Option<String>,
    /// The notice that tells it.
    pub notice: Option<NoticeId>,
    /// The ticket that was filed last to mend it.
    pub ticket: Option<TicketId>,
}

#[derive(FromRow)]
struct Row {
    looked_at: Option<Time>,
    differences: Option<String>,
    notice_id: Option<u64>,
    ticket_id: Option<u64>,
}

impl From<Row> for Looked {
    fn from(row: Row) -> Self {
        Self {
            looked_at: row.looked_at,
            differences: row.differences,
            notice: row.notice_id.map(NoticeId),
            ticket: row.ticket_id.map(TicketId),
        }
    }
}

/// A group is looked at as soon as it can be. Its row is made where there is none.
pub(crate) async fn soon(tx: &mut Tx, group: GroupId, at: Time) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO group_look (service_group_id, next_look_at) VALUES (?, ?) ON DUPLICATE KEY UPDATE next_look_at = VALUES(next_look_at)",
    )
    .bind(group.0)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the groups whose turn it is: nobody else takes them until `again` has passed.
pub async fn take(pool: &Pool, now: Time, again: TimeDelta, most: u32) -> Result<Vec<GroupId>, Error> {
    let mut tx = crate::begin(pool).await?;
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT service_group_id FROM group_look WHERE next_look_at <= ? ORDER BY next_look_at LIMIT ? FOR UPDATE",
    )
    .bind(now)
    .bind(most)
    .fetch_all(&mut *tx)
    .await?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = sqlx::QueryBuilder::<sqlx::MySql>::new("UPDATE group_look SET next_look_at = ");
    query.push_bind(now + again).push(" WHERE service_group_id IN (");
    let mut list = query.separated(", ");
    for id in &ids {
        list.push_bind(*id);
    }
    query.push(")");
    query.build().execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(ids.into_iter().map(GroupId).collect())
}

/// What is known of a group.
pub async fn get(from: impl MySqlExecutor<'_>, group: GroupId) -> Result<Looked, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT looked_at, differences, notice_id, ticket_id FROM group_look WHERE service_group_id = ?",
    )
    .bind(group.0)
    .fetch_optional(from)
    .await?;
    Ok(row.map(Looked::from).unwrap_or_default())
}

/// The same, locked. Its row is made where there is none.
pub async fn lock(tx: &mut Tx, group: GroupId, at: Time) -> Result<Looked, Error> {
    sqlx::query("INSERT IGNORE INTO group_look (service_group_id, next_look_at) VALUES (?, ?)")
        .bind(group.0)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    let row: Row = sqlx::query_as(
        "SELECT looked_at, differences, notice_id, ticket_id FROM group_look WHERE service_group_id = ? FOR UPDATE",
    )
    .bind(group.0)
    .fetch_one(&mut **tx)
    .await?;
    Ok(row.into())
}

/// Writes down what differs.
pub async fn put(tx: &mut Tx, group: GroupId, looked: &Looked) -> Result<(), Error> {
    sqlx::query(
        "UPDATE group_look SET looked_at = ?, differences = ?, differs = ?, notice_id = ?, ticket_id = ? WHERE service_group_id = ?",
    )
    .bind(looked.looked_at)
    .bind(&looked.differences)
    .bind(looked.differences.is_some())
    .bind(looked.notice.map(|notice| notice.0))
    .bind(looked.ticket.map(|ticket| ticket.0))
    .bind(group.0)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The group whose differences this notice tells, if it still does.
pub async fn of_notice(from: impl MySqlExecutor<'_>, notice: NoticeId) -> Result<Option<GroupId>, Error> {
    let id: Option<u64> = sqlx::query_scalar("SELECT service_group_id FROM group_look WHERE notice_id = ?")
        .bind(notice.0)
        .fetch_optional(from)
        .await?;
    Ok(id.map(GroupId))
}

/// How many groups differ from the inventory.
pub async fn differing(pool: &Pool) -> Result<u64, Error> {
    let count: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM group_look WHERE differs = 1").fetch_one(pool).await?;
    Ok(u64::try_from(count).unwrap_or_default())
}
