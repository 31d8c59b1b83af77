//! Table `account_secret`: passwords that the desk made, sealed, until they are handed over; hashes that were given, until they are used.

use crate::{Error, Pool, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{AccountId, PersonId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// What is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A password that the desk made.
    Password,
    /// A hash that somebody gave.
    Hash,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Hash => "hash",
        }
    }
}

/// A secret's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// What it is.
    pub kind: Kind,
    /// The key that sealed it.
    pub key_name: String,
    /// It, sealed; absent once it was handed over or has lapsed.
    pub sealed: Option<Vec<u8>>,
    /// When it was kept: for a hash, when its ticket was filed.
    pub created_at: Time,
    /// When it was first about to be sent to a server.
    pub begun_at: Option<Time>,
    /// Since when the server has it.
    pub made_at: Option<Time>,
    /// When it was handed over.
    pub handed_at: Option<Time>,
}

#[derive(FromRow)]
struct Row {
    kind: String,
    key_name: String,
    sealed: Option<Vec<u8>>,
    created_at: Time,
    begun_at: Option<Time>,
    made_at: Option<Time>,
    handed_at: Option<Time>,
}

impl TryFrom<Row> for SecretRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let kind = match row.kind.as_str() {
            "password" => Kind::Password,
            "hash" => Kind::Hash,
            other => return Err(Error::strange(format!("a secret is a {other:?}"))),
        };
        Ok(Self {
            kind,
            key_name: row.key_name,
            sealed: row.sealed,
            created_at: row.created_at,
            begun_at: row.begun_at,
            made_at: row.made_at,
            handed_at: row.handed_at,
        })
    }
}

const COLUMNS: &str = "SELECT kind, key_name, sealed, created_at, begun_at, made_at, handed_at FROM account_secret WHERE account_id = ? AND generation = ?";

/// That of a generation.
pub async fn get(from: impl MySqlExecutor<'_>, of: (AccountId, u32)) -> Result<Option<SecretRow>, Error> {
    let row: Option<Row> = sqlx::query_as(COLUMNS).bind(of.0.0).bind(of.1).fetch_optional(from).await?;
    row.map(SecretRow::try_from).transpose()
}

/// The same, locked.
pub async fn lock(tx: &mut Tx, of: (AccountId, u32)) -> Result<Option<SecretRow>, Error> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{COLUMNS} FOR UPDATE")))
        .bind(of.0.0)
        .bind(of.1)
        .fetch_optional(&mut **tx)
        .await?;
    row.map(SecretRow::try_from).transpose()
}

/// Keeps one in place of one that was never about to be sent to a server, such as that of a ticket which was withdrawn. One that a server may
/// have stays, so that a task that is done again uses the same.
pub async fn put(
    to: impl MySqlExecutor<'_>,
    of: (AccountId, u32),
    (kind, key_name, sealed): (Kind, &str, &[u8]),
    at: Time,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO account_secret (account_id, generation, kind, key_name, sealed, created_at) VALUES (?, ?, ?, ?, ?, ?) \
         ON DUPLICATE KEY UPDATE kind = IF(begun_at IS NULL AND made_at IS NULL, VALUES(kind), kind), \
         key_name = IF(begun_at IS NULL AND made_at IS NULL, VALUES(key_name), key_name), \
         sealed = IF(begun_at IS NULL AND made_at IS NULL, VALUES(sealed), sealed), \
         created_at = IF(begun_at IS NULL AND made_at IS NULL, VALUES(created_at), created_at)",
    )
    .bind(of.0.0)
    .bind(of.1)
    .bind(kind.word())
    .bind(key_name)
    .bind(sealed)
    .bind(at)
    .execute(to)
    .await?;
    Ok(())
}

/// It is about to be sent to a server.
pub async fn begin(pool: &Pool, of: (AccountId, u32), at: Time) -> Result<(), Error> {
    sqlx::query(
        "UPDATE account_secret SET begun_at = COALESCE(begun_at, ?) WHERE account_id = ? AND generation = ?",
    )
    .bind(at)
    .bind(of.0.0)
    .bind(of.1)
    .execute(pool)
    .await?;
    Ok(())
}

/// No server has anything of it any more.
pub async fn taken_away(pool: &Pool, of: (AccountId, u32)) -> Result<(), Error> {
    sqlx::query(
        "UPDATE account_secret SET begun_at = NULL WHERE account_id = ? AND generation = ? AND made_at IS NULL",
    )
    .bind(of.0.0)
    .bind(of.1)
    .execute(pool)
    .await?;
    Ok(())
}

/// A server has it now. A hash is not needed any more.
pub async fn made(pool: &Pool, of: (AccountId, u32), at: Time) -> Result<(), Error> {
    sqlx::query(
        "UPDATE account_secret SET made_at = COALESCE(made_at, ?), sealed = IF(kind = 'hash', NULL, sealed) \
         WHERE account_id = ? AND generation = ?",
    )
    .bind(at)
    .bind(of.0.0)
    .bind(of.1)
    .execute(pool)
    .await?;
    Ok(())
}

/// It was handed over: it is not kept any more. Its row is locked.
pub async fn handed_over(tx: &mut Tx, of: (AccountId, u32), to: PersonId, at: Time) -> Result<(), Error> {
    sqlx::query(
        "UPDATE account_secret SET sealed = NULL, handed_at = ?, handed_to = ? WHERE account_id = ? AND generation = ?",
    )
    .bind(at)
    .bind(to.0)
    .bind(of.0.0)
    .bind(of.1)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets those that nobody fetched in time; gives how many.
pub async fn lapsing(
    from: impl MySqlExecutor<'_>,
    made_before: Time,
    limit: u32,
) -> Result<Vec<(AccountId, u32)>, Error> {
    let rows: Vec<(u64, u32)> = sqlx::query_as(
        "SELECT account_id, generation FROM account_secret \
         WHERE sealed IS NOT NULL AND kind = 'password' AND handed_at IS NULL AND made_at <= ? ORDER BY made_at LIMIT ?",
    )
    .bind(made_before)
    .bind(limit)
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(|(account, generation)| (AccountId(account), generation)).collect())
}

/// Forgets secrets that were made before then; at most `limit`. Gives how many.
pub async fn lapse(pool: &Pool, made_before: Time, limit: u32) -> Result<u64, Error> {
    let done = sqlx::query(
        "UPDATE account_secret SET sealed = NULL WHERE sealed IS NOT NULL AND made_at <= ? ORDER BY made_at LIMIT ?",
    )
    .bind(made_before)
    .bind(limit)
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}
