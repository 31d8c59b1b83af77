//! Table `idempotency`: which requests were done already. A key is claimed in the same transaction as its work: the unique key
//! makes a second one wait for the first, and a crash leaves both or none.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{clock::Time, id::PersonId};
use sqlx::FromRow;

/// What makes a request the same as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The token it came with.
    pub token: u64,
    /// The person it acts as.
    pub person: PersonId,
    /// What the caller wrote in `Idempotency-Key`.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: [u8; 32],
}

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the request that came with it first.
    pub request_hash: Vec<u8>,
    /// The status of its answer.
    pub status: u16,
    /// The answer; empty when the process ended between the work and the answer.
    pub body: Option<Vec<u8>>,
}

#[derive(FromRow)]
struct Row {
    request_hash: Vec<u8>,
    status: Option<u16>,
    body: Option<Vec<u8>>,
}

/// What is known of this key.
pub async fn get(pool: &Pool, key: &Key) -> Result<Option<Kept>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT request_hash, status, body FROM idempotency WHERE token_id = ? AND person_id = ? AND idem_key = ?",
    )
    .bind(key.token)
    .bind(key.person.0)
    .bind(&key.key)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Kept {
        request_hash: row.request_hash,
        status: row.status.unwrap_or(200),
        body: row.body,
    }))
}

/// Claims a key within the transaction of its work. `Err` with [`Error::is_duplicate`]: another request did it first.
pub async fn claim(tx: &mut Tx, key: &Key, status: u16, at: Time) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO idempotency (token_id, person_id, idem_key, request_hash, status, created_at) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(key.token)
    .bind(key.person.0)
    .bind(&key.key)
    .bind(key.request_hash.as_slice())
    .bind(status)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes within the same transaction what the answer will be made of, for the case that the process ends before it is kept.
pub async fn about(tx: &mut Tx, key: &Key, what: &str) -> Result<(), Error> {
    sqlx::query("UPDATE idempotency SET body = ? WHERE token_id = ? AND person_id = ? AND idem_key = ?")
        .bind(what.as_bytes())
        .bind(key.token)
        .bind(key.person.0)
        .bind(&key.key)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Keeps the answer to a claimed key.
pub async fn keep(pool: &Pool, key: &Key, body: &[u8]) -> Result<(), Error> {
    sqlx::query("UPDATE idempotency SET body = ? WHERE token_id = ? AND person_id = ? AND idem_key = ?")
        .bind(body)
        .bind(key.token)
        .bind(key.person.0)
        .bind(&key.key)
        .execute(pool)
        .await?;
    Ok(())
}

/// Forgets keys older than `before`, at most 1,000 at a time; gives how many.
pub async fn purge(pool: &Pool, before: Time) -> Result<u64, Error> {
    let done = sqlx::query("DELETE FROM idempotency WHERE created_at < ? ORDER BY created_at LIMIT 1000")
        .bind(before)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}
