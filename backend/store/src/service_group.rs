//! Table `service_group`. `spec` keeps the group whole, as the inventory wrote it.

use crate::{Error, Pool, Tx, group_database, instance, within::and_group};
use dbdesk_cmdb::{GroupId, ServiceGroup, Within, label};
use dbdesk_commands::clock::Time;
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

/// The group with this number.
pub async fn by_id(pool: &Pool, id: GroupId) -> Result<Option<GroupRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT id, version, spec FROM service_group WHERE id = ?")
        .bind(id.0)
        .fetch_optional(pool)
        .await?;
    row.map(GroupRow::try_from).transpose()
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
pub async fn by_name(pool: &Pool, name: &str) -> Result<Option<GroupRow>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT id, version, spec FROM service_group WHERE name = ?")
        .bind(name)
        .fetch_optional(pool)
        .await?;
    row.map(GroupRow::try_from).transpose()
}

/// The most groups that one answer lists.
const MOST: u32 = 5_000;

/// Every group that is reached, by name.
pub async fn all(pool: &Pool, within: &Within) -> Result<Vec<GroupRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT id, version, spec FROM service_group WHERE 1 = 1");
    and_group(&mut query, "id", within);
    query.push(" ORDER BY name LIMIT ").push_bind(MOST);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(GroupRow::try_from).collect()
}

/// Groups that are reached whose name begins with `prefix`, then those that have it elsewhere in their name, by name.
pub async fn matching(
    pool: &Pool,
    within: &Within,
    prefix: &str,
    limit: u32,
) -> Result<Vec<GroupRow>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT id, version, spec FROM service_group WHERE LOCATE(");
    query.push_bind(prefix).push(", name) > 0");
    and_group(&mut query, "id", within);
    query.push(" ORDER BY LOCATE(").push_bind(prefix).push(", name), name LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await?;
    rows.into_iter().map(GroupRow::try_from).collect()
}

/// The names of all groups that are reached.
pub async fn names(pool: &Pool, within: &Within) -> Result<Vec<String>, Error> {
    let mut query = QueryBuilder::<MySql>::new("SELECT name FROM service_group WHERE 1 = 1");
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
pub async fn add_database(pool: &Pool, name: &str, database: &str, at: Time) -> Result<(), Error> {
    let mut tx = crate::begin(pool).await?;
    let row: Option<Row> =
        sqlx::query_as("SELECT id, version, spec FROM service_group WHERE name = ? FOR UPDATE")
            .bind(name)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(row) = row else { return Ok(()) };
    let mut group = GroupRow::try_from(row)?.group;
    if !group.databases.iter().any(|known| known == database) {
        group.databases.push(database.to_owned());
        group.databases.sort_unstable();
        put(&mut tx, &group, at).await?;
        crate::commit(tx).await?;
    }
    Ok(())
}

/// Makes a group what the inventory says: with its instances and databases.
pub async fn put(tx: &mut Tx, group: &ServiceGroup, at: Time) -> Result<Put, Error> {
    let spec = serde_json::to_string(group).map_err(|error| Error::Fault(error.into()))?;
    let before: Option<(u64, String)> =
        sqlx::query_as("SELECT id, spec FROM service_group WHERE name = ? FOR UPDATE")
            .bind(&group.name)
            .fetch_optional(&mut **tx)
            .await?;
    let (id, put) = match before {
        Some((_, old)) if old == spec => return Ok(Put::Same),
        Some((id, _)) => {
            sqlx::query(
                "UPDATE service_group SET environment = ?, team = ?, dbas = ?, flavour = ?, time_zone = ?, queue = ?, spec = ?, \
                 version = version + 1, updated_at = ? WHERE id = ?",
            )
            .bind(&group.environment)
            .bind(&group.team)
            .bind(&group.dbas)
            .bind(&group.flavour)
            .bind(group.time_zone.name())
            .bind(label::queue(&group.labels))
            .bind(&spec)
            .bind(at)
            .bind(id)
            .execute(&mut **tx)
            .await?;
            (id, Put::Changed)
        }
        None => {
            let made = sqlx::query(
                "INSERT INTO service_group (name, environment, team, dbas, flavour, time_zone, queue, spec, updated_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(&group.name)
            .bind(&group.environment)
            .bind(&group.team)
            .bind(&group.dbas)
            .bind(&group.flavour)
            .bind(group.time_zone.name())
            .bind(label::queue(&group.labels))
            .bind(&spec)
            .bind(at)
            .execute(&mut **tx)
            .await?;
            (made.last_insert_id(), Put::Added)
        }
    };
    instance::replace(tx, GroupId(id), &group.instances).await?;
    group_database::replace(tx, GroupId(id), &group.databases).await?;
    Ok(put)
}
