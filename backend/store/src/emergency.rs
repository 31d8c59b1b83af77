//! Table `emergency`: a DBA acts without approval on one service group for a while.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{EmergencyId, NoticeId, PersonId, TicketId},
};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::BTreeMap;

/// The most that one list shows.
pub const MOST: u32 = 50;

/// An emergency's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergencyRow {
    /// Its number.
    pub id: EmergencyId,
    /// On which service group.
    pub group: GroupId,
    /// Who may act.
    pub person: PersonId,
    /// Why.
    pub reason: String,
    /// From when
    pub from: Time,
    /// until when at the latest.
    pub until: Time,
    /// When it was ended before that.
    pub ended_at: Option<Time>,
    /// Who has looked at it afterwards, when, and what he says.
    pub reviewed: Option<(PersonId, Time, String)>,
    /// The alert about it.
    pub notice: Option<NoticeId>,
    /// The alert says that it has ended.
    pub end_told: bool,
}

impl EmergencyRow {
    /// Whether it is on at `now`.
    #[must_use]
    pub fn is_on(&self, now: Time) -> bool {
        self.ended_at.is_none() && self.from <= now && now < self.until
    }

    /// When it ends, or has ended.
    #[must_use]
    pub fn end(&self) -> Time {
        self.ended_at.unwrap_or(self.until)
    }
}

#[derive(FromRow)]
struct Row {
    id: u64,
    service_group_id: u64,
    person_id: u64,
    reason: String,
    from_at: Time,
    until_at: Time,
    ended_at: Option<Time>,
    reviewed_by: Option<u64>,
    reviewed_at: Option<Time>,
    review: Option<String>,
    notice_id: Option<u64>,
    end_told_at: Option<Time>,
}

impl From<Row> for EmergencyRow {
    fn from(row: Row) -> Self {
        let reviewed = row
            .reviewed_by
            .zip(row.reviewed_at)
            .map(|(by, at)| (PersonId(by), at, row.review.unwrap_or_default()));
        Self {
            id: EmergencyId(row.id),
            group: GroupId(row.service_group_id),
            person: PersonId(row.person_id),
            reason: row.reason,
            from: row.from_at,
            until: row.until_at,
            ended_at: row.ended_at,
            reviewed,
            notice: row.notice_id.map(NoticeId),
            end_told: row.end_told_at.is_some(),
        }
    }
}

const COLUMNS: &str = "id, service_group_id, person_id, reason, from_at, until_at, ended_at, reviewed_by, reviewed_at, review, notice_id, end_told_at";

/// Writes one down.
pub async fn insert(
    tx: &mut Tx,
    (group, person): (GroupId, PersonId),
    reason: &str,
    (from, until): (Time, Time),
) -> Result<EmergencyId, Error> {
    let made = sqlx::query(
        "INSERT INTO emergency (service_group_id, person_id, reason, from_at, until_at) VALUES (?, ?, ?, ?, ?)",
    )
    .bind(group.0)
    .bind(person.0)
    .bind(reason)
    .bind(from)
    .bind(until)
    .execute(&mut **tx)
    .await?;
    Ok(EmergencyId(made.last_insert_id()))
}

/// The one that is on for this person on this group at `now`.
pub async fn on(
    from: impl MySqlExecutor<'_>,
    (group, person): (GroupId, PersonId),
    now: Time,
) -> Result<Option<EmergencyId>, Error> {
    let id: Option<u64> = sqlx::query_scalar(
        "SELECT id FROM emergency WHERE person_id = ? AND service_group_id = ? AND ended_at IS NULL AND from_at <= ? \
         AND until_at > ? ORDER BY id DESC LIMIT 1",
    )
    .bind(person.0)
    .bind(group.0)
    .bind(now)
    .bind(now)
    .fetch_optional(from)
    .await?;
    Ok(id.map(EmergencyId))
}

/// The one with this number, locked.
pub async fn lock(tx: &mut Tx, id: EmergencyId) -> Result<Option<EmergencyRow>, Error> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM emergency WHERE id = ? FOR UPDATE"
    )))
    .bind(id.0)
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(EmergencyRow::from))
}

/// Ends one before its time.
pub async fn end(tx: &mut Tx, id: EmergencyId, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE emergency SET ended_at = ? WHERE id = ? AND ended_at IS NULL")
        .bind(at)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Somebody else has looked at it.
pub async fn reviewed(tx: &mut Tx, id: EmergencyId, by: PersonId, text: &str, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE emergency SET reviewed_by = ?, reviewed_at = ?, review = ? WHERE id = ? AND reviewed_at IS NULL")
        .bind(by.0)
        .bind(at)
        .bind(text)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Those that nobody has looked at yet, the newest first.
pub async fn not_reviewed(
    pool: &Pool,
    (groups, person): (&[GroupId], PersonId),
) -> Result<Vec<EmergencyRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new(format!(
        "SELECT {COLUMNS} FROM emergency WHERE reviewed_at IS NULL AND (person_id = "
    ));
    query.push_bind(person.0);
    if !groups.is_empty() {
        query.push(" OR service_group_id IN (");
        let mut list = query.separated(", ");
        for group in groups {
            list.push_bind(group.0);
        }
        query.push(")");
    }
    query.push(") ORDER BY id DESC LIMIT ").push_bind(MOST);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    Ok(rows.into_iter().map(EmergencyRow::from).collect())
}

/// The tickets that were decided on in it.
pub async fn tickets(from: impl MySqlExecutor<'_>, id: EmergencyId) -> Result<Vec<TicketId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT ticket_id FROM emergency_ticket WHERE emergency_id = ? ORDER BY ticket_id LIMIT 500",
    )
    .bind(id.0)
    .fetch_all(from)
    .await?;
    Ok(ids.into_iter().map(TicketId).collect())
}

/// The same of several at once.
pub async fn tickets_of(
    pool: &Pool,
    ids: &[EmergencyId],
) -> Result<BTreeMap<EmergencyId, Vec<TicketId>>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT emergency_id, ticket_id FROM emergency_ticket WHERE emergency_id IN (",
    );
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    query.push(") ORDER BY emergency_id, ticket_id LIMIT 5000");
    let rows: Vec<(u64, u64)> = query.build_query_as().fetch_all(pool).await?;
    let mut of: BTreeMap<EmergencyId, Vec<TicketId>> = BTreeMap::new();
    for (id, ticket) in rows {
        of.entry(EmergencyId(id)).or_default().push(TicketId(ticket));
    }
    Ok(of)
}

/// Something was decided on this ticket in it.
pub async fn decided(tx: &mut Tx, id: EmergencyId, ticket: TicketId, at: Time) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO emergency_ticket (emergency_id, ticket_id, at) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE ticket_id = ticket_id",
    )
    .bind(id.0)
    .bind(ticket.0)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes which alert is about it.
pub async fn noticed(tx: &mut Tx, id: EmergencyId, notice: NoticeId) -> Result<(), Error> {
    sqlx::query("UPDATE emergency SET notice_id = ? WHERE id = ?")
        .bind(notice.0)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The alert says that it has ended; somebody is asked again at `remind_at` to look at it.
pub async fn end_told(tx: &mut Tx, id: EmergencyId, at: Time, remind_at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE emergency SET end_told_at = ?, remind_at = ? WHERE id = ? AND end_told_at IS NULL")
        .bind(at)
        .bind(remind_at)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Those whose time is over, and of which that was not told.
pub async fn to_end(pool: &Pool, now: Time) -> Result<Vec<EmergencyId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM emergency WHERE end_told_at IS NULL AND until_at <= ? ORDER BY until_at LIMIT ?",
    )
    .bind(now)
    .bind(MOST)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(EmergencyId).collect())
}

/// Those that nobody has looked at, and of which somebody is to be reminded.
pub async fn to_remind(pool: &Pool, now: Time) -> Result<Vec<EmergencyId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM emergency WHERE reviewed_at IS NULL AND remind_at <= ? ORDER BY remind_at LIMIT ?",
    )
    .bind(now)
    .bind(MOST)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(EmergencyId).collect())
}

/// Somebody is reminded again at `next`, where he was to be at `now`. Gives whether he was.
pub async fn reminded(tx: &mut Tx, id: EmergencyId, now: Time, next: Time) -> Result<bool, Error> {
    let done = sqlx::query(
        "UPDATE emergency SET remind_at = ? WHERE id = ? AND reviewed_at IS NULL AND remind_at <= ?",
    )
    .bind(next)
    .bind(id.0)
    .bind(now)
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Those that ended before this and that nobody has looked at.
pub async fn not_reviewed_since(pool: &Pool, before: Time) -> Result<Vec<EmergencyId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM emergency WHERE reviewed_at IS NULL AND COALESCE(ended_at, until_at) <= ? ORDER BY id LIMIT ?",
    )
    .bind(before)
    .bind(MOST)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(EmergencyId).collect())
}

/// Its service group.
pub async fn group(from: impl MySqlExecutor<'_>, id: EmergencyId) -> Result<Option<GroupId>, Error> {
    let group: Option<u64> = sqlx::query_scalar("SELECT service_group_id FROM emergency WHERE id = ?")
        .bind(id.0)
        .fetch_optional(from)
        .await?;
    Ok(group.map(GroupId))
}
