//! Table `group_database`.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::GroupId;

/// Makes the group's databases these.
pub(crate) async fn replace(tx: &mut Tx, group: GroupId, databases: &[String]) -> Result<(), Error> {
    sqlx::query("DELETE FROM group_database WHERE service_group_id = ?")
        .bind(group.0)
        .execute(&mut **tx)
        .await?;
    for database in databases {
        sqlx::query("INSERT INTO group_database (service_group_id, name) VALUES (?, ?)")
            .bind(group.0)
            .bind(database)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The groups that have a database of this name.
pub async fn groups_with(pool: &Pool, database: &str) -> Result<Vec<GroupId>, Error> {
    let ids: Vec<u64> = sqlx::query_scalar(
        "SELECT service_group_id FROM group_database WHERE name = ? ORDER BY service_group_id LIMIT 100",
    )
    .bind(database)
    .fetch_all(pool)
    .await?;
    Ok(ids.into_iter().map(GroupId).collect())
}
