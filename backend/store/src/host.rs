//! Table `host`, and `host_history` with every version that a host had.

use crate::{
    Error, Pool, Tx,
    group_history::{Change, WHY_CHARS},
    service_group::Put,
};
use dbdesk_cmdb::Host;
use dbdesk_commands::clock::Time;
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};

/// Hosts that one answer lists at most.
const MOST: u32 = 20_000;

/// A host in its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRow {
    /// Grows with each change.
    pub version: u64,
    /// What it is.
    pub host: Host,
}

#[derive(FromRow)]
struct Row {
    version: u64,
    spec: String,
}

impl TryFrom<Row> for HostRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let host = serde_json::from_str(&row.spec).map_err(|error| Error::Fault(error.into()))?;
        Ok(Self { version: row.version, host })
    }
}

/// Every host, by name.
pub async fn all(from: impl MySqlExecutor<'_>) -> Result<Vec<HostRow>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT version, spec FROM host ORDER BY name LIMIT ?")
        .bind(MOST)
        .fetch_all(from)
        .await?;
    rows.into_iter().map(HostRow::try_from).collect()
}

/// Hosts whose name begins with `prefix`, by name.
pub async fn beginning(pool: &Pool, prefix: &str, limit: u32) -> Result<Vec<HostRow>, Error> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT version, spec FROM host WHERE name >= ? AND name < ? ORDER BY name LIMIT ?")
            .bind(prefix)
            .bind(format!("{prefix}\u{7f}"))
            .bind(limit)
            .fetch_all(pool)
            .await?;
    rows.into_iter().map(HostRow::try_from).collect()
}

/// Those with these names or addresses; what is not there is left out.
pub async fn among(pool: &Pool, names: &[&str]) -> Result<Vec<HostRow>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new("SELECT version, spec FROM host WHERE name IN (");
    let mut list = query.separated(", ");
    for name in names {
        list.push_bind(*name);
    }
    query.push(") UNION SELECT version, spec FROM host WHERE address IN (");
    let mut list = query.separated(", ");
    for name in names {
        list.push_bind(*name);
    }
    query.push(")");
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(HostRow::try_from).collect()
}

/// The one path by which a host becomes another, with a row of its history. [`Error::Conflict`] where it is not in the version that was looked
/// at.
pub async fn put(tx: &mut Tx, host: &Host, change: &Change<'_>, at: Time) -> Result<Put, Error> {
    let spec = serde_json::to_string(host).map_err(|error| Error::Fault(error.into()))?;
    let before: Option<(u64, u64, String)> =
        sqlx::query_as("SELECT id, version, spec FROM host WHERE name = ? FOR UPDATE")
            .bind(&host.name)
            .fetch_optional(&mut **tx)
            .await?;
    if before.as_ref().is_some_and(|(_, _, before)| *before == spec) {
        return Ok(Put::Same);
    }
    if before.as_ref().map(|(_, version, _)| *version) != change.seen {
        return Err(Error::Conflict);
    }
    let (id, version, put) = if let Some((id, version, _)) = before {
        sqlx::query(
            "UPDATE host SET address = ?, spec = ?, version = version + 1, updated_at = ? WHERE id = ?",
        )
        .bind(&host.address)
        .bind(&spec)
        .bind(at)
        .bind(id)
        .execute(&mut **tx)
        .await?;
        (id, version + 1, Put::Changed)
    } else {
        let made = sqlx::query("INSERT INTO host (name, address, spec, updated_at) VALUES (?, ?, ?, ?)")
            .bind(&host.name)
            .bind(&host.address)
            .bind(&spec)
            .bind(at)
            .execute(&mut **tx)
            .await?;
        (made.last_insert_id(), 1, Put::Added)
    };
    append(tx, (id, version), &spec, change, at).await?;
    Ok(put)
}

async fn append(
    tx: &mut Tx,
    (id, version): (u64, u64),
    spec: &str,
    change: &Change<'_>,
    at: Time,
) -> Result<(), Error> {
    let why: String = change.why.chars().take(WHY_CHARS).collect();
    let (person, actor) = (tx.person().map(|person| person.0), tx.actor().to_owned());
    sqlx::query(
        "INSERT INTO host_history (host_id, version, spec, at, person_id, actor, ticket_id, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(id)
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
