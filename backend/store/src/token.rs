//! Table `api_token`: who may speak to the API. A token is kept as its SHA-256 only.

use crate::{Error, Pool};
use dbdesk_commands::{clock::Time, id::PersonId};
use sqlx::FromRow;

/// As whom a token acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As this person.
    Person(PersonId),
    /// As the bot: reads, writes cards, and acts only as a mapped Discord user.
    Bot,
}

/// A token that is known and not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: u64,
    /// As whom it acts.
    pub kind: Kind,
    /// When it was last noted as used.
    pub last_used_at: Option<Time>,
}

/// A token in a list.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// `person` or `bot`.
    pub kind: String,
    /// The person's name.
    pub person: Option<String>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last noted as used.
    pub last_used_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
}

/// Keeps a new token.
pub async fn insert(pool: &Pool, name: &str, hash: &[u8; 32], kind: Kind, at: Time) -> Result<(), Error> {
    let (word, person) = match kind {
        Kind::Person(person) => ("person", Some(person.0)),
        Kind::Bot => ("bot", None),
    };
    sqlx::query("INSERT INTO api_token (name, hash, kind, person_id, created_at) VALUES (?, ?, ?, ?, ?)")
        .bind(name)
        .bind(hash.as_slice())
        .bind(word)
        .bind(person)
        .bind(at)
        .execute(pool)
        .await?;
    Ok(())
}

/// The token with this hash, if it is known and not revoked.
pub async fn by_hash(pool: &Pool, hash: &[u8; 32]) -> Result<Option<Token>, Error> {
    let row: Option<(u64, String, Option<u64>, Option<Time>)> = sqlx::query_as(
        "SELECT id, kind, person_id, last_used_at FROM api_token WHERE hash = ? AND revoked_at IS NULL",
    )
    .bind(hash.as_slice())
    .fetch_optional(pool)
    .await?;
    row.map(|(id, kind, person, last_used_at)| {
        let kind = match (kind.as_str(), person) {
            ("person", Some(person)) => Kind::Person(PersonId(person)),
            ("bot", None) => Kind::Bot,
            _ => return Err(Error::strange(format!("token {id} is a {kind:?} of {person:?}"))),
        };
        Ok(Token { id, kind, last_used_at })
    })
    .transpose()
}

/// Notes that a token was used.
pub async fn used(pool: &Pool, id: u64, at: Time) -> Result<(), Error> {
    sqlx::query("UPDATE api_token SET last_used_at = ? WHERE id = ?").bind(at).bind(id).execute(pool).await?;
    Ok(())
}

/// Every token, by name.
pub async fn all(pool: &Pool) -> Result<Vec<Listed>, Error> {
    Ok(sqlx::query_as(
        "SELECT t.name, t.kind, p.name AS person, t.created_at, t.last_used_at, t.revoked_at FROM api_token t \
         LEFT JOIN person p ON p.id = t.person_id ORDER BY t.name LIMIT 1000",
    )
    .fetch_all(pool)
    .await?)
}

/// Revokes a token; gives whether there was one to revoke.
pub async fn revoke(pool: &Pool, name: &str, at: Time) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE api_token SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL")
        .bind(at)
        .bind(name)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}
