//! Table `instance`.

use crate::{Error, Pool, Tx};
use dbdesk_cmdb::{GroupId, Instance};
use dbdesk_commands::wire::group::InstanceRole;

/// The word of a role in the store.
fn word(role: InstanceRole) -> &'static str {
    match role {
        InstanceRole::Primary => "primary",
        InstanceRole::Replica => "replica",
    }
}

/// Makes the group's instances these.
pub(crate) async fn replace(tx: &mut Tx, group: GroupId, instances: &[Instance]) -> Result<(), Error> {
    sqlx::query("DELETE FROM instance WHERE service_group_id = ?").bind(group.0).execute(&mut **tx).await?;
    for instance in instances {
        sqlx::query("INSERT INTO instance (service_group_id, host, port, role) VALUES (?, ?, ?, ?)")
            .bind(group.0)
            .bind(&instance.host)
            .bind(instance.port)
            .bind(word(instance.role))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The group that has an instance at this address, if one has.
pub async fn group_at(pool: &Pool, host: &str, port: u16) -> Result<Option<GroupId>, Error> {
    let id: Option<u64> =
        sqlx::query_scalar("SELECT service_group_id FROM instance WHERE host = ? AND port = ?")
            .bind(host)
            .bind(port)
            .fetch_optional(pool)
            .await?;
    Ok(id.map(GroupId))
}
