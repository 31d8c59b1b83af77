//! Table `cluster_draft`: requests for clusters while somebody fills them in. Each is its person's alone.

use crate::{Error, Pool};
use dbdesk_commands::{clock::Time, id::PersonId};
use sqlx::FromRow;

/// Most drafts of one person; a new one takes the place of the oldest.
pub const DRAFTS: u32 = 10;

/// A draft in its version.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DraftRow {
    /// Grows with each change.
    pub version: u64,
    /// What was filled in, JSON.
    pub draft: String,
}

/// Keeps a new one, and forgets those that are over.
pub async fn insert(
    pool: &Pool,
    (id, person): (&str, PersonId),
    draft: &str,
    (now, expires_at): (Time, Time),
) -> Result<(), Error> {
    sqlx::query("DELETE FROM cluster_draft WHERE expires_at <= ?").bind(now).execute(pool).await?;
    let kept: Vec<String> = sqlx::query_scalar(
        "SELECT id FROM cluster_draft WHERE person_id = ? ORDER BY expires_at DESC LIMIT 1000 OFFSET ?",
    )
    .bind(person.0)
    .bind(DRAFTS - 1)
    .fetch_all(pool)
    .await?;
    for old in kept {
        remove(pool, (&old, person)).await?;
    }
    sqlx::query("INSERT INTO cluster_draft (id, person_id, draft, expires_at) VALUES (?, ?, ?, ?)")
        .bind(id)
        .bind(person.0)
        .bind(draft)
        .bind(expires_at)
        .execute(pool)
        .await?;
    Ok(())
}

/// One of this person, as long as it is not over.
pub async fn get(pool: &Pool, (id, person): (&str, PersonId), now: Time) -> Result<Option<DraftRow>, Error> {
    Ok(sqlx::query_as(
        "SELECT version, draft FROM cluster_draft WHERE id = ? AND person_id = ? AND expires_at > ?",
    )
    .bind(id)
    .bind(person.0)
    .bind(now)
    .fetch_optional(pool)
    .await?)
}

/// It says this now. [`Error::Conflict`] where it is not in the version that was looked at.
pub async fn put(
    pool: &Pool,
    (id, person): (&str, PersonId),
    (seen, draft): (u64, &str),
    expires_at: Time,
) -> Result<(), Error> {
    let done = sqlx::query(
        "UPDATE cluster_draft SET draft = ?, version = version + 1, expires_at = ? WHERE id = ? AND person_id = ? AND version = ?",
    )
    .bind(draft)
    .bind(expires_at)
    .bind(id)
    .bind(person.0)
    .bind(seen)
    .execute(pool)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Conflict) }
}

/// It is gone.
pub async fn remove(pool: &Pool, (id, person): (&str, PersonId)) -> Result<(), Error> {
    sqlx::query("DELETE FROM cluster_draft WHERE id = ? AND person_id = ?")
        .bind(id)
        .bind(person.0)
        .execute(pool)
        .await?;
    Ok(())
}
