//! Table `group_place`: what one group alone can have (ports, addresses, names), and which has it.

use crate::{Error, Tx};
use dbdesk_cmdb::{GroupId, Place, ServiceGroup, places};
use sqlx::{MySql, QueryBuilder, mysql::MySqlExecutor};
use std::collections::BTreeMap;

/// Makes what the group has this.
pub(crate) async fn replace(tx: &mut Tx, id: GroupId, group: &ServiceGroup) -> Result<(), Error> {
    clear(tx, id).await?;
    let mut query = QueryBuilder::<MySql>::new("INSERT IGNORE INTO group_place (place, service_group_id) ");
    query.push_values(places(group), |mut row, place| {
        row.push_bind(place.to_string()).push_bind(id.0);
    });
    query.build().execute(&mut **tx).await?;
    Ok(())
}

/// It has nothing any more.
pub(crate) async fn clear(tx: &mut Tx, id: GroupId) -> Result<(), Error> {
    sqlx::query("DELETE FROM group_place WHERE service_group_id = ?").bind(id.0).execute(&mut **tx).await?;
    Ok(())
}

/// Which of these are taken, each with the name of the group that has it.
pub async fn taken(from: impl MySqlExecutor<'_>, places: &[Place]) -> Result<Vec<(String, String)>, Error> {
    among(from, places, "").await
}

/// The same in a transaction that takes what is free: another one that wants the same waits.
pub async fn taken_for_good(tx: &mut Tx, places: &[Place]) -> Result<Vec<(String, String)>, Error> {
    among(&mut **tx, places, " FOR UPDATE").await
}

async fn among(
    from: impl MySqlExecutor<'_>,
    places: &[Place],
    lock: &str,
) -> Result<Vec<(String, String)>, Error> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT p.place, g.name FROM group_place p JOIN service_group g ON g.id = p.service_group_id WHERE p.place IN (",
    );
    let mut list = query.separated(", ");
    for place in places {
        list.push_bind(place.to_string());
    }
    query.push(") ORDER BY p.place").push(lock);
    Ok(query.build_query_as().fetch_all(from).await?)
}

/// How many ports are taken of each host, by what it is called there.
pub async fn ports(from: impl MySqlExecutor<'_>) -> Result<BTreeMap<String, u32>, Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT SUBSTRING(place, 6, CHAR_LENGTH(place) - 6 - CHAR_LENGTH(SUBSTRING_INDEX(place, ':', -1))) AS host, COUNT(DISTINCT place) \
         FROM group_place WHERE place >= 'port ' AND place < 'port!' GROUP BY host",
    )
    .fetch_all(from)
    .await?;
    Ok(rows.into_iter().map(|(host, count)| (host, u32::try_from(count).unwrap_or(u32::MAX))).collect())
}
