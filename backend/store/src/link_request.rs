//! Table `link_request`: a Discord user says which person he is, and what an admin made of it.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{NoticeId, PersonId},
};
use sqlx::FromRow;

/// The most that are open at a time.
pub const MOST_OPEN: u64 = 20;

/// A request's row.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct LinkRequest {
    /// Its number.
    pub id: u64,
    /// The Discord user who asks.
    pub discord_id: String,
    /// The name that he claims.
    pub name: String,
    /// Its notice.
    notice_id: u64,
    /// Until when somebody can decide.
    pub lapses_at: Time,
    /// The admin who has confirmed it, where two have to.
    first_by: Option<u64>,
    /// What became of it.
    pub outcome: Option<String>,
    /// Who decided.
    settled_by: Option<u64>,
    /// When.
    pub settled_at: Option<Time>,
}

impl LinkRequest {
    /// Its notice.
    #[must_use]
    pub fn notice(&self) -> NoticeId {
        NoticeId(self.notice_id)
    }

    /// The admin who has confirmed it, where two have to.
    #[must_use]
    pub fn first_by(&self) -> Option<PersonId> {
        self.first_by.map(PersonId)
    }

    /// Who decided.
    #[must_use]
    pub fn settled_by(&self) -> Option<PersonId> {
        self.settled_by.map(PersonId)
    }
}

/// How one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An admin confirmed it.
    Confirmed,
    /// An admin refused it.
    Refused,
    /// Another took its place.
    Replaced,
    /// Nobody decided in time.
    Lapsed,
}

impl Outcome {
    /// The word in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Replaced => "replaced",
            Self::Lapsed => "lapsed",
        }
    }
}

const COLUMNS: &str = "id, discord_id, name, notice_id, lapses_at, first_by, outcome, settled_by, settled_at";

/// The open one of this Discord user, locked.
pub async fn lock_open(tx: &mut Tx, discord_id: &str) -> Result<Option<LinkRequest>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM link_request WHERE open_discord_id = ? FOR UPDATE"
    )))
    .bind(discord_id)
    .fetch_optional(&mut **tx)
    .await?)
}

/// The one of this notice, locked.
pub async fn lock_of(tx: &mut Tx, notice: NoticeId) -> Result<Option<LinkRequest>, Error> {
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM link_request WHERE notice_id = ? FOR UPDATE"
    )))
    .bind(notice.0)
    .fetch_optional(&mut **tx)
    .await?)
}

/// How many are open.
pub async fn count_open(tx: &mut Tx) -> Result<u64, Error> {
    let open: i64 =
        sqlx::query_scalar("SELECT COUNT(open_discord_id) FROM link_request").fetch_one(&mut **tx).await?;
    Ok(u64::try_from(open).unwrap_or_default())
}

/// How often this Discord user has asked since then.
pub async fn count_since(tx: &mut Tx, discord_id: &str, since: Time) -> Result<u64, Error> {
    let asked: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM link_request WHERE discord_id = ? AND asked_at > ?")
            .bind(discord_id)
            .bind(since)
            .fetch_one(&mut **tx)
            .await?;
    Ok(u64::try_from(asked).unwrap_or_default())
}

/// Writes one down. `Err` with [`Error::is_duplicate`]: he has asked at the same moment.
pub async fn insert(
    tx: &mut Tx,
    (discord_id, name): (&str, &str),
    notice: NoticeId,
    (at, lapses_at): (Time, Time),
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO link_request (discord_id, name, notice_id, asked_at, lapses_at, open_discord_id) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(discord_id)
    .bind(name)
    .bind(notice.0)
    .bind(at)
    .bind(lapses_at)
    .bind(discord_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes that this admin has confirmed it, and that another has to.
pub async fn vouch(tx: &mut Tx, id: u64, by: PersonId) -> Result<(), Error> {
    sqlx::query("UPDATE link_request SET first_by = ? WHERE id = ? AND settled_at IS NULL")
        .bind(by.0)
        .bind(id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Notes what became of it.
pub async fn settle(
    tx: &mut Tx,
    id: u64,
    (outcome, by): (Outcome, Option<PersonId>),
    at: Time,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE link_request SET outcome = ?, settled_by = ?, settled_at = ?, open_discord_id = NULL WHERE id = ? \
         AND settled_at IS NULL",
    )
    .bind(outcome.word())
    .bind(by.map(|by| by.0))
    .bind(at)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The notices of open ones whose time is over.
pub async fn lapsed(pool: &Pool, now: Time, most: u32) -> Result<Vec<NoticeId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT notice_id FROM link_request WHERE settled_at IS NULL AND lapses_at <= ? ORDER BY lapses_at LIMIT ?",
    )
    .bind(now)
    .bind(most)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(NoticeId).collect())
}
