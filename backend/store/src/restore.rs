//! Table `restore`: what somebody has looked at in a binary log, until a ticket is filed from it.

use crate::{Error, Tx};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, RestoreId, TicketId},
};
use sqlx::{FromRow, mysql::MySqlExecutor};

/// Old ones that go when a new one comes.
const FORGOTTEN_AT_ONCE: u32 = 100;

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRestore {
    /// By whom.
    pub person: PersonId,
    /// In which service group.
    pub group: GroupId,
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// From when.
    pub from: Time,
    /// Until when.
    pub until: Time,
    /// Why.
    pub reason: String,
    /// SHA-256 of the rows that were shown, hex.
    pub digest: String,
}

/// Its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreRow {
    /// What was looked at.
    pub what: NewRestore,
    /// The ticket that was filed from it.
    pub ticket: Option<TicketId>,
}

#[derive(FromRow)]
struct Row {
    person_id: u64,
    service_group_id: u64,
    database_name: String,
    table_name: String,
    from_at: Time,
    until_at: Time,
    reason: String,
    digest: String,
    ticket_id: Option<u64>,
}

/// Writes one down, and forgets some of those from before `old`.
pub async fn insert(tx: &mut Tx, new: &NewRestore, (at, old): (Time, Time)) -> Result<RestoreId, Error> {
    sqlx::query("DELETE FROM restore WHERE created_at < ? ORDER BY created_at LIMIT ?")
        .bind(old)
        .bind(FORGOTTEN_AT_ONCE)
        .execute(&mut **tx)
        .await?;
    let made = sqlx::query(
        "INSERT INTO restore (person_id, service_group_id, database_name, table_name, from_at, until_at, reason, digest, created_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.person.0)
    .bind(new.group.0)
    .bind(&new.database)
    .bind(&new.table)
    .bind(new.from)
    .bind(new.until)
    .bind(&new.reason)
    .bind(&new.digest)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(RestoreId(made.last_insert_id()))
}

/// One, if there is one that is not older.
pub async fn get(
    from: impl MySqlExecutor<'_>,
    id: RestoreId,
    since: Time,
) -> Result<Option<RestoreRow>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT person_id, service_group_id, database_name, table_name, from_at, until_at, reason, digest, ticket_id FROM restore \
         WHERE id = ? AND created_at >= ?",
    )
    .bind(id.0)
    .bind(since)
    .fetch_optional(from)
    .await?;
    Ok(row.map(|row| RestoreRow {
        what: NewRestore {
            person: PersonId(row.person_id),
            group: GroupId(row.service_group_id),
            database: row.database_name,
            table: row.table_name,
            from: row.from_at,
            until: row.until_at,
            reason: row.reason,
            digest: row.digest,
        },
        ticket: row.ticket_id.map(TicketId),
    }))
}

/// Notes the ticket. `false`: another was filed from it in the meantime.
pub async fn filed(
    tx: &mut Tx,
    id: RestoreId,
    before: Option<TicketId>,
    ticket: TicketId,
) -> Result<bool, Error> {
    let done = sqlx::query("UPDATE restore SET ticket_id = ? WHERE id = ? AND ticket_id <=> ?")
        .bind(ticket.0)
        .bind(id.0)
        .bind(before.map(|before| before.0))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}
