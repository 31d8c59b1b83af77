//! Table `schedule`: tickets that are filed again and again. Every change is guarded by `version`, so that a due time is filed once.

use crate::{Error, Pool, Tx, sight::Sight, within::and_group};
use dbdesk_cmdb::{GroupId, Within};
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, ScheduleId, TicketId},
    lang::{Lang, Said},
    wire::schedule::ScheduleState,
};
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, MySql, QueryBuilder};

/// A schedule's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRow {
    /// Its number.
    pub id: ScheduleId,
    /// Grows with each change.
    pub version: u64,
    /// What it files, and when.
    pub what: NewSchedule,
    /// What changes.
    pub now: ScheduleChange,
}

/// What a schedule files, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSchedule {
    /// What it is called.
    pub name: String,
    /// Which service group.
    pub group: GroupId,
    /// Which database.
    pub database: String,
    /// Whose tickets they are.
    pub owner: PersonId,
    /// Why.
    pub reason: String,
    /// The SQL, its dates not filled in.
    pub sql: String,
    /// When, as in crontab.
    pub cron: String,
    /// The time zone of it.
    pub time_zone: String,
    /// Language of its tickets.
    pub lang: Lang,
}

/// The part of a schedule that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleChange {
    /// Where it stands.
    pub state: ScheduleState,
    /// The next time.
    pub next_at: Option<Time>,
    /// For which time it filed last, or would have.
    pub last_at: Option<Time>,
    /// The ticket that it filed last.
    pub last_ticket: Option<TicketId>,
    /// Why its last run filed nothing.
    pub last_problem: Option<Problem>,
}

/// Why a run filed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// In words.
    pub said: Said,
    /// So many runs in a row filed nothing.
    pub in_a_row: u32,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    version: u64,
    name: String,
    state: String,
    service_group_id: u64,
    database_name: String,
    owner_id: u64,
    reason: String,
    sql_text: Vec<u8>,
    cron: String,
    time_zone: String,
    lang: String,
    next_at: Option<Time>,
    last_at: Option<Time>,
    last_ticket_id: Option<u64>,
    last_problem: Option<String>,
}

impl TryFrom<Row> for ScheduleRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let strange = |what: &str| Error::strange(format!("schedule {} has {what}", row.id));
        let last_problem = row.last_problem.as_deref().map(serde_json::from_str).transpose();
        Ok(Self {
            id: ScheduleId(row.id),
            version: row.version,
            now: ScheduleChange {
                state: ScheduleState::of_word(&row.state).ok_or_else(|| strange(&row.state))?,
                next_at: row.next_at,
                last_at: row.last_at,
                last_ticket: row.last_ticket_id.map(TicketId),
                last_problem: last_problem.map_err(|error| Error::Fault(error.into()))?,
            },
            what: NewSchedule {
                name: row.name,
                group: GroupId(row.service_group_id),
                database: row.database_name,
                owner: PersonId(row.owner_id),
                reason: row.reason,
                sql: String::from_utf8(row.sql_text).map_err(|error| Error::Fault(error.into()))?,
                cron: row.cron,
                time_zone: row.time_zone,
                lang: Lang::of_locale(&row.lang),
            },
        })
    }
}

/// Writes a new one down. `Err` with [`Error::is_duplicate`]: its name is taken.
pub async fn insert(
    tx: &mut Tx,
    what: &NewSchedule,
    next_at: Option<Time>,
    at: Time,
) -> Result<ScheduleRow, Error> {
    let state = ScheduleState::Active;
    let made = sqlx::query(
        "INSERT INTO schedule (name, state, service_group_id, database_name, owner_id, reason, sql_text, cron, time_zone, \
         lang, next_at, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&what.name)
    .bind(state.word())
    .bind(what.group.0)
    .bind(&what.database)
    .bind(what.owner.0)
    .bind(&what.reason)
    .bind(what.sql.as_bytes())
    .bind(&what.cron)
    .bind(&what.time_zone)
    .bind(what.lang.tag())
    .bind(next_at)
    .bind(at)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    let now = ScheduleChange { state, next_at, last_at: None, last_ticket: None, last_problem: None };
    Ok(ScheduleRow { id: ScheduleId(made.last_insert_id()), version: 1, what: what.clone(), now })
}

/// Changes one that was read as `seen`; [`Error::Conflict`] when somebody changed it since. Gives the row after it.
pub async fn change(
    tx: &mut Tx,
    seen: &ScheduleRow,
    change: ScheduleChange,
    at: Time,
) -> Result<ScheduleRow, Error> {
    let problem = change.last_problem.as_ref().map(serde_json::to_string).transpose();
    let done = sqlx::query(
        "UPDATE schedule SET version = version + 1, state = ?, next_at = ?, last_at = ?, last_ticket_id = ?, \
         last_problem = ?, updated_at = ? WHERE id = ? AND version = ?",
    )
    .bind(change.state.word())
    .bind(change.next_at)
    .bind(change.last_at)
    .bind(change.last_ticket.map(|ticket| ticket.0))
    .bind(problem.map_err(|error| Error::Fault(error.into()))?)
    .bind(at)
    .bind(seen.id.0)
    .bind(seen.version)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() != 1 {
        return Err(Error::Conflict);
    }
    Ok(ScheduleRow { version: seen.version + 1, now: change, ..seen.clone() })
}

/// Removes one that was read as `seen`; [`Error::Conflict`] when somebody changed it since. Its tickets stay.
pub async fn remove(tx: &mut Tx, seen: &ScheduleRow) -> Result<(), Error> {
    let done = sqlx::query("DELETE FROM schedule WHERE id = ? AND version = ?")
        .bind(seen.id.0)
        .bind(seen.version)
        .execute(&mut **tx)
        .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
}

/// Reads one.
pub async fn get(pool: &Pool, id: ScheduleId) -> Result<Option<ScheduleRow>, Error> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM schedule WHERE id = ?").bind(id.0).fetch_optional(pool).await?;
    row.map(ScheduleRow::try_from).transpose()
}

/// Those that are due, the longest due first.
pub async fn due(pool: &Pool, now: Time, limit: u32) -> Result<Vec<ScheduleId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT id FROM schedule WHERE state = 'active' AND next_at <= ? ORDER BY next_at, id LIMIT ?",
    )
    .bind(now)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(ScheduleId).collect())
}

/// How many a person has.
pub async fn count(tx: &mut Tx, owner: PersonId) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM schedule WHERE owner_id = ?")
        .bind(owner.0)
        .fetch_one(&mut **tx)
        .await?)
}

/// Which ones. Everything that is set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only what this person sees: his own, his team's, and those of the service groups whose DBA he is.
    pub sight: Option<Sight>,
    /// Only this person's.
    pub owner: Option<PersonId>,
    /// Only of these service groups.
    pub within: Within,
    /// Only older than this one.
    pub before: Option<ScheduleId>,
    /// At most so many.
    pub limit: u32,
}

/// Schedules, newest first, without their SQL.
pub async fn page(pool: &Pool, filter: &Filter) -> Result<Vec<ScheduleRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT id, version, name, state, service_group_id, database_name, owner_id, reason, '' AS sql_text, cron, time_zone, \
         lang, next_at, last_at, last_ticket_id, last_problem FROM schedule WHERE 1 = 1",
    );
    if let Some(sight) = &filter.sight {
        sight.push_owned(&mut query, "schedule");
    }
    if let Some(owner) = filter.owner {
        query.push(" AND owner_id = ").push_bind(owner.0);
    }
    and_group(&mut query, "service_group_id", &filter.within);
    if let Some(before) = filter.before {
        query.push(" AND id < ").push_bind(before.0);
    }
    query.push(" ORDER BY id DESC LIMIT ").push_bind(filter.limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(ScheduleRow::try_from).collect()
}
