//! Table `group_history`: every version that a service group had, who made it so, and why. Only added to.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::{GroupId, ServiceGroup};
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, TicketId},
};
use sqlx::FromRow;

/// Longest reason that is kept, in characters.
pub const WHY_CHARS: usize = 200;

/// Why a group becomes another, and what was looked at before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// The version that was looked at; nothing: there was no such group.
    pub seen: Option<u64>,
    /// The ticket that changes it.
    pub ticket: Option<TicketId>,
    /// Why, in words.
    pub why: &'a str,
}

impl<'a> Change<'a> {
    /// A group that was not there.
    #[must_use]
    pub fn first(why: &'a str) -> Self {
        Self { seen: None, ticket: None, why }
    }

    /// A group that was looked at in this version.
    #[must_use]
    pub fn of(seen: u64, why: &'a str) -> Self {
        Self { seen: Some(seen), ticket: None, why }
    }
}

/// A version of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub version: u64,
    /// What the group was from then on.
    pub group: ServiceGroup,
    /// When it became so.
    pub at: Time,
    /// The person who made it so.
    pub person: Option<PersonId>,
    /// What to call who did, where no person did.
    pub actor: String,
    /// The ticket that did.
    pub ticket: Option<TicketId>,
    /// Why.
    pub why: String,
}

/// The ticket that changed the group last, where a ticket did.
pub async fn last_ticket(pool: &Pool, group: GroupId) -> Result<Option<TicketId>, Error> {
    let id: Option<Option<u64>> = sqlx::query_scalar(
        "SELECT ticket_id FROM group_history WHERE service_group_id = ? ORDER BY version DESC LIMIT 1",
    )
    .bind(group.0)
    .fetch_optional(pool)
    .await?;
    Ok(id.flatten().map(TicketId))
}

/// This ticket made that version: it was filed after it in the same transaction.
pub async fn by_ticket(tx: &mut Tx, (group, version): (GroupId, u64), ticket: TicketId) -> Result<(), Error> {
    sqlx::query("UPDATE group_history SET ticket_id = ? WHERE service_group_id = ? AND version = ?")
        .bind(ticket.0)
        .bind(group.0)
        .bind(version)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[derive(FromRow)]
struct Row {
    version: u64,
    spec: String,
    at: Time,
    person_id: Option<u64>,
    actor: String,
    ticket_id: Option<u64>,
    why: String,
}

impl TryFrom<Row> for Version {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            version: row.version,
            group: serde_json::from_str(&row.spec).map_err(|error| Error::Fault(error.into()))?,
            at: row.at,
            person: row.person_id.map(PersonId),
            actor: row.actor,
            ticket: row.ticket_id.map(TicketId),
            why: row.why,
        })
    }
}

/// Writes a version down, in the transaction that makes it.
pub(crate) async fn append(
    tx: &mut Tx,
    (group, version): (GroupId, u64),
    spec: &str,
    change: &Change<'_>,
    at: Time,
) -> Result<(), Error> {
    let why: String = change.why.chars().take(WHY_CHARS).collect();
    let (person, actor) = (tx.person().map(|person| person.0), tx.actor().to_owned());
    sqlx::query(
        "INSERT INTO group_history (service_group_id, version, spec, at, person_id, actor, ticket_id, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(group.0)
    .bind(version)
    .bind(spec)
    .bind(at)
    .bind(person)
    .bind(actor)
    .bind(change.ticket.map(|ticket| ticket.0))
    .bind(why)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

const COLUMNS: &str = "version, spec, at, person_id, actor, ticket_id, why";

/// Versions of a group, newest first, older than `before` where it is given.
pub async fn page(
    pool: &Pool,
    group: GroupId,
    before: Option<u64>,
    limit: u32,
) -> Result<Vec<Version>, Error> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM group_history WHERE service_group_id = ? AND version < ? ORDER BY version DESC LIMIT ?"
    )))
    .bind(group.0)
    .bind(before.unwrap_or(u64::MAX))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(Version::try_from).collect()
}

/// What a group was at that time; nothing where it was not there yet.
pub async fn as_of(pool: &Pool, group: GroupId, at: Time) -> Result<Option<Version>, Error> {
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM group_history WHERE service_group_id = ? AND at <= ? ORDER BY at DESC, version DESC LIMIT 1"
    )))
    .bind(group.0)
    .bind(at)
    .fetch_optional(pool)
    .await?;
    row.map(Version::try_from).transpose()
}
