//! Table `ticket_revision`: the SQL of each revision, byte for byte, and what its review said.

use crate::{Error, Tx};
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// One revision of a ticket's SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Which ticket.
    pub ticket: TicketId,
    /// Counts from 1.
    pub revision: u32,
    /// What runs.
    pub sql: String,
    /// SHA-256 of it, hex.
    pub sql_hash: String,
    /// Statements in it.
    pub statements: u32,
    /// The review in both languages: JSON of `dbdesk_review::Judged`.
    pub review: String,
    /// Who wrote it.
    pub created_by: PersonId,
    /// When.
    pub created_at: Time,
}

/// Writes a new revision.
pub async fn insert(tx: &mut Tx, revision: &Revision) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO ticket_revision (ticket_id, revision, sql_text, sql_hash, statements, review, created_by, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(revision.ticket.0)
    .bind(revision.revision)
    .bind(revision.sql.as_bytes())
    .bind(&revision.sql_hash)
    .bind(revision.statements)
    .bind(&revision.review)
    .bind(revision.created_by.0)
    .bind(revision.created_at)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    sql_text: Vec<u8>,
    sql_hash: String,
    statements: u32,
    review: String,
    created_by: u64,
    created_at: Time,
}

/// One revision.
pub async fn get(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Option<Revision>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT sql_text, sql_hash, statements, review, created_by, created_at FROM ticket_revision \
         WHERE ticket_id = ? AND revision = ?",
    )
    .bind(ticket.0)
    .bind(revision)
    .fetch_optional(from)
    .await?;
    row.map(|row| {
        let sql = String::from_utf8(row.sql_text).map_err(|error| Error::Fault(error.into()))?;
        Ok(Revision {
            ticket,
            revision,
            sql,
            sql_hash: row.sql_hash,
            statements: row.statements,
            review: row.review,
            created_by: PersonId(row.created_by),
            created_at: row.created_at,
        })
    })
    .transpose()
}

/// The hash and the number of statements of one revision, without the text.
pub async fn hash(
    from: impl MySqlExecutor<'_>,
    ticket: TicketId,
    revision: u32,
) -> Result<Option<(String, u32)>, Error> {
    Ok(sqlx::query_as(
        "SELECT sql_hash, statements FROM ticket_revision WHERE ticket_id = ? AND revision = ?",
    )
    .bind(ticket.0)
    .bind(revision)
    .fetch_optional(from)
    .await?)
}
