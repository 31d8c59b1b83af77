//! Table `service_group`. `spec` keeps the group whole, as the inventory wrote it.

use crate::{
    Error, Pool, Tx, cluster_backup, group_database,
    group_history::{self, Change},
    group_look, group_place, instance,
    run::Lease,
    within::and_group,
};
use dbdesk_cmdb::{GroupId, GroupStage, ServiceGroup, Within, label};
use dbdesk_commands::{clock::Time, id::TicketId};
use sqlx::{FromRow, MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::{BTreeMap, BTreeSet};

/// A service group with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// Its number.
    pub id: GroupId,
    /// Grows with each change.
    pub version: u64,
    /// What it is.
    pub group: ServiceGroup,
}

#[derive(FromRow)]
struct Row {
    id: u64,
    version: u64,
    spec: String,
}

impl TryFrom<Row> for GroupRow {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        let group = serde_json::from_str(&row.spec).map_err(|error| Error::Fault(error.into()))?;
        Ok(Self { id: GroupId(row.id), version: row.version, group })
    }
}

/// What loading a group did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was new.
    Added,
    /// It was another.
    Changed,
    /// It was the same already.
    Same,
}

/// Waits until nobody else loads the inventory: two who load the same file would both find its groups new. Held until the connection ends.
pub async fn only_loader(tx: &mut Tx) -> Result<(), Error> {
    sqlx::query("DO GET_LOCK(CONCAT(DATABASE(), '.inventory_load'), 60)").execute(&mut **tx).await?;
    Ok(())
}

/// The group with this number.
pub async fn by_id(pool: &Pool, id: GroupId) -> Result<Option<GroupRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT id, version, spec FROM service_group WHERE id = ?")
        .bind(id.0)
        .fetch_optional(pool)
        .await?;
    row.map(GroupRow::try_from).transpose()
}

/// In which version a group is.
pub async fn version(from: impl MySqlExecutor<'_>, id: GroupId) -> Result<Option<u64>, Error> {
    Ok(sqlx::query_scalar("SELECT version FROM service_group WHERE id = ?")
        .bind(id.0)
        .fetch_optional(from)
        .await?)
}

/// Several groups at once, by their numbers. What is not there is left out.
pub async fn by_ids(pool: &Pool, ids: &BTreeSet<GroupId>) -> Result<Vec<GroupRow>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new("SELECT id, version, spec FROM service_group WHERE id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    query.push(")");
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(GroupRow::try_from).collect()
}

/// The group with this name.
pub async fn by_name(from: impl MySqlExecutor<'_>, name: &str) -> Result<Option<GroupRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT id, version, spec FROM service_group WHERE name = ?")
        .bind(name)
        .fetch_optional(from)
        .await?;
    row.map(GroupRow::try_from).transpose()
}

/// The most groups that one answer lists.
const MOST: u32 = 20_000;

/// Every group that is reached, by name; also those that are built or taken away.
pub async fn all(pool: &Pool, within: &Within) -> Result<Vec<GroupRow>, Error> {
    let mut query =
        QueryBuilder::<MySql>::new("SELECT id, version, spec FROM service_group WHERE stage <> '");
    query.push(GONE).push("'");
    and_group(&mut query, "id", within);
    query.push(" ORDER BY name LIMIT ").push_bind(MOST);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(GroupRow::try_from).collect()
}

/// Groups in service that are reached whose name begins with `prefix`, by name, then others that have it elsewhere in their name. Both are a range of an
/// index: how many groups there are does not matter.
pub async fn matching(
    pool: &Pool,
    within: &Within,
    prefix: &str,
    limit: u32,
) -> Result<Vec<GroupRow>, Error> {
    let mut found = beginning(pool, within, prefix, limit).await?;
    let have = u32::try_from(found.len()).unwrap_or(u32::MAX);
    if have < limit && !prefix.is_empty() {
        // Those that begin so are among them again.
        let more = having(pool, within, prefix, limit.saturating_add(have)).await?;
        found.extend(more.into_iter().filter(|row| !row.group.name.starts_with(prefix)));
        found.truncate(limit as usize);
    }
    Ok(found)
}

async fn beginning(pool: &Pool, within: &Within, prefix: &str, limit: u32) -> Result<Vec<GroupRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT id, version, spec FROM service_group WHERE name >= ");
    query.push_bind(prefix).push(" AND name < ").push_bind(format!("{prefix}{PAST}"));
    query.push(" AND stage = 'in_service'");
    and_group(&mut query, "id", within);
    query.push(" ORDER BY name LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(GroupRow::try_from).collect()
}

async fn having(pool: &Pool, within: &Within, part: &str, limit: u32) -> Result<Vec<GroupRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT service_group_id FROM group_suffix WHERE suffix >= ");
    query.push_bind(part).push(" AND suffix < ").push_bind(format!("{part}{PAST}"));
    and_group(&mut query, "service_group_id", within);
    query.push(" ORDER BY suffix LIMIT ").push_bind(limit);
    let ids: Vec<u64> = query.build_query_scalar().fetch_all(pool).await?;
    let mut rows = by_ids(pool, &ids.into_iter().map(GroupId).collect()).await?;
    rows.retain(|row| row.group.stage == GroupStage::InService);
    rows.sort_by(|a, b| a.group.name.cmp(&b.group.name));
    Ok(rows)
}

/// Names are ASCII: what begins with a text lies before the text and this.
const PAST: char = '\u{7f}';

/// Every end of its name, for [`matching`].
async fn insert_suffixes(tx: &mut Tx, id: u64, name: &str) -> Result<(), Error> {
    let ends = name.char_indices().map(|(at, _)| &name[at..]);
    let mut query = QueryBuilder::<MySql>::new("INSERT IGNORE INTO group_suffix (suffix, service_group_id) ");
    query.push_values(ends, |mut row, end| {
        row.push_bind(end).push_bind(id);
    });
    query.build().execute(&mut **tx).await?;
    Ok(())
}

/// The names of all groups in service that are reached.
pub async fn names(pool: &Pool, within: &Within) -> Result<Vec<String>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT name FROM service_group WHERE stage = 'in_service'");
    and_group(&mut query, "id", within);
    query.push(" ORDER BY name LIMIT ").push_bind(MOST);
    Ok(query.build_query_scalar().fetch_all(pool).await?)
}

/// The names of these groups.
pub async fn names_of(
    from: impl MySqlExecutor<'_>,
    ids: &BTreeSet<GroupId>,
) -> Result<BTreeMap<GroupId, String>, Error> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = QueryBuilder::<MySql>::new("SELECT id, name FROM service_group WHERE id IN (");
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    query.push(")");
    let rows: Vec<(u64, String)> = query.build_query_as().fetch_all(from).await?;
    Ok(rows.into_iter().map(|(id, name)| (GroupId(id), name)).collect())
}

/// The group has this database, too. May be called again.
pub async fn add_database(
    pool: &Pool,
    name: &str,
    database: &str,
    ticket: TicketId,
    at: Time,
) -> Result<(), Error> {
    let mut tx = crate::begin(pool).await?;
    let row: Option<Row> =
        sqlx::query_as("SELECT id, version, spec FROM service_group WHERE name = ? FOR UPDATE")
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(row) = row else { return Ok(()) };
    let GroupRow { mut group, version, .. } = GroupRow::try_from(row)?;
    if !group.databases.iter().any(|known| known == database) {
        group.databases.push(database.to_owned());
        group.databases.sort_unstable();
        let change = Change { ticket: Some(ticket), ..Change::of(version, "a database was made") };
        put(&mut tx, &group, &change, at).await?;
        crate::commit(tx).await?;
    }
    Ok(())
}

/// The same by a task, while its lease holds. `false`: it does not.
pub async fn put_by_task(
    pool: &Pool,
    lease: &Lease,
    group: &ServiceGroup,
    change: &Change<'_>,
    at: Time,
) -> Result<bool, Error> {
    let mut tx = crate::begin(pool).await?;
    let held: Option<u64> = sqlx::query_scalar(
        "SELECT id FROM task WHERE id = ? AND epoch = ? AND state IN ('running', 'paused') FOR UPDATE",
    )
    .bind(lease.task.0)
    .bind(lease.epoch)
    .fetch_optional(&mut *tx)
    .await?;
    if held.is_none() {
        return Ok(false);
    }
    put(&mut tx, group, change, at).await?;
    crate::commit(tx).await?;
    Ok(true)
}

/// The one path by which a group becomes another: with its instances and databases, and a row of its history. [`Error::Conflict`] where it
/// is not in the version that was looked at.
pub async fn put(tx: &mut Tx, group: &ServiceGroup, change: &Change<'_>, at: Time) -> Result<Put, Error> {
    let spec = serde_json::to_string(group).map_err(|error| Error::Fault(error.into()))?;
    let before: Option<Row> =
        sqlx::query_as("SELECT id, version, spec FROM service_group WHERE name = ? FOR UPDATE")
            .bind(&group.name)
            .fetch_optional(&mut **tx)
            .await?;
    if before.as_ref().is_some_and(|before| before.spec == spec) {
        return Ok(Put::Same);
    }
    if before.as_ref().map(|before| before.version) != change.seen {
        return Err(Error::Conflict);
    }
    let (id, version, put) = if let Some(Row { id, version, .. }) = before {
        update(tx, id, (group, &spec), at).await?;
        (id, version + 1, Put::Changed)
    } else {
        let id = insert(tx, (group, &spec), at).await?;
        insert_suffixes(tx, id, &group.name).await?;
        (id, 1, Put::Added)
    };
    instance::replace(tx, GroupId(id), &group.instances).await?;
    group_database::replace(tx, GroupId(id), &group.databases).await?;
    group_place::replace(tx, GroupId(id), group).await?;
    group_history::append(tx, (GroupId(id), version), &spec, change, at).await?;
    group_look::soon(tx, GroupId(id), at).await?;
    cluster_backup::plan(tx, GroupId(id), group.backup.is_some() && group.stage == GroupStage::InService)
        .await?;
    Ok(put)
}

/// The stage of a group that was asked for and never built. Its row stays for the tickets that name it; it is found by its number alone.
const GONE: &str = "gone";

/// Lets a group go that is being built and will not be: its name, and all that it has, are free again. `false`: it is not being built.
pub async fn let_go(tx: &mut Tx, id: GroupId, ticket: TicketId, at: Time) -> Result<bool, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, version, spec FROM service_group WHERE id = ? AND stage = 'building' FOR UPDATE",
    )
    .bind(id.0)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(false) };
    // No group can be called so.
    sqlx::query("UPDATE service_group SET name = CONCAT('~', id), stage = ?, version = version + 1, updated_at = ? WHERE id = ?")
        .bind(GONE)
        .bind(at)
        .bind(id.0)
        .execute(&mut **tx)
        .await?;
    instance::replace(tx, id, &[]).await?;
    group_database::replace(tx, id, &[]).await?;
    group_place::clear(tx, id).await?;
    for gone in [
        "DELETE FROM group_suffix WHERE service_group_id = ?",
        "DELETE FROM group_look WHERE service_group_id = ?",
    ] {
        sqlx::query(gone).bind(id.0).execute(&mut **tx).await?;
    }
    let change = Change {
        ticket: Some(ticket),
        ..Change::of(row.version, "it was not built: its name is free again")
    };
    group_history::append(tx, (id, row.version + 1), &row.spec, &change, at).await?;
    Ok(true)
}

/// Whether a group was let go.
pub async fn is_gone(from: impl MySqlExecutor<'_>, id: GroupId) -> Result<bool, Error> {
    let stage: Option<String> = sqlx::query_scalar("SELECT stage FROM service_group WHERE id = ?")
        .bind(id.0)
        .fetch_optional(from)
        .await?;
    Ok(stage.as_deref() == Some(GONE))
}

async fn update(tx: &mut Tx, id: u64, (group, spec): (&ServiceGroup, &str), at: Time) -> Result<(), Error> {
    sqlx::query(
        "UPDATE service_group SET environment = ?, team = ?, dbas = ?, flavour = ?, time_zone = ?, queue = ?, stage = ?, spec = ?, \
         version = version + 1, updated_at = ? WHERE id = ?",
    )
    .bind(&group.environment)
    .bind(&group.team)
    .bind(&group.dbas)
    .bind(&group.flavour)
    .bind(group.time_zone.name())
    .bind(label::queue(&group.labels))
    .bind(group.stage.word())
    .bind(spec)
    .bind(at)
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn insert(tx: &mut Tx, (group, spec): (&ServiceGroup, &str), at: Time) -> Result<u64, Error> {
    let made = sqlx::query(
        "INSERT INTO service_group (name, environment, team, dbas, flavour, time_zone, queue, stage, spec, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&group.name)
    .bind(&group.environment)
    .bind(&group.team)
    .bind(&group.dbas)
    .bind(&group.flavour)
    .bind(group.time_zone.name())
    .bind(label::queue(&group.labels))
    .bind(group.stage.word())
    .bind(spec)
    .bind(at)
    .execute(&mut **tx)
    .await?;
    Ok(made.last_insert_id())
}
