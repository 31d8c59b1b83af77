//! Table `confirmation`: when a person was shown a form in which a name is typed.

use crate::{Error, Pool};
use chrono::{DateTime, Utc};
use dbdesk_commands::id::{ButtonId, PersonId};

/// He is shown it now; an earlier showing no longer counts.
pub async fn put(
    pool: &Pool,
    (button, person): (&ButtonId, PersonId),
    now: DateTime<Utc>,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO confirmation (button_id, person_id, asked_at) VALUES (?, ?, ?) \
         ON DUPLICATE KEY UPDATE asked_at = VALUES(asked_at)",
    )
    .bind(&button.0)
    .bind(person.0)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// It was used.
pub async fn remove(pool: &Pool, (button, person): (&ButtonId, PersonId)) -> Result<(), Error> {
    sqlx::query("DELETE FROM confirmation WHERE button_id = ? AND person_id = ?")
        .bind(&button.0)
        .bind(person.0)
        .execute(pool)
        .await?;
    Ok(())
}

/// Forgets those of before; gives how many.
pub async fn forget(pool: &Pool, before: DateTime<Utc>, limit: u32) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM confirmation WHERE asked_at < ? LIMIT ?")
        .bind(before)
        .bind(limit)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}

/// When he was shown it last.
pub async fn asked_at(
    pool: &Pool,
    (button, person): (&ButtonId, PersonId),
) -> Result<Option<DateTime<Utc>>, Error> {
    let asked = sqlx::query_scalar("SELECT asked_at FROM confirmation WHERE button_id = ? AND person_id = ?");
    Ok(asked.bind(&button.0).bind(person.0).fetch_optional(pool).await?)
}
