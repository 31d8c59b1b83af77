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

/// Makes the group's instances these. One that stays keeps its row, and so its number.
pub(crate) async fn replace(tx: &mut Tx, group: GroupId, instances: &[Instance]) -> Result<(), Error> {
    let before: Vec<(u64, String, u16)> =
        sqlx::query_as("SELECT id, host, port FROM instance WHERE service_group_id = ?")
            .bind(group.0)
            .fetch_all(&mut **tx)
            .await?;
    let is_at = |instance: &Instance, host: &str, port: u16| instance.host == host && instance.port == port;
    for (id, host, port) in &before {
        if !instances.iter().any(|instance| is_at(instance, host, *port)) {
            sqlx::query("DELETE FROM instance WHERE id = ?").bind(id).execute(&mut **tx).await?;
        }
    }
    for instance in instances {
        let there = before.iter().find(|(_, host, port)| is_at(instance, host, *port));
        let query = match there {
            Some(_) => {
                "UPDATE instance SET role = ?, weight = ?, state = ? WHERE service_group_id = ? AND host = ? AND port = ?"
            }
            None => {
                "INSERT INTO instance (role, weight, state, service_group_id, host, port) VALUES (?, ?, ?, ?, ?, ?)"
            }
        };
        sqlx::query(query)
            .bind(word(instance.role))
            .bind(instance.weight)
            .bind(instance.state.word())
            .bind(group.0)
            .bind(&instance.host)
            .bind(instance.port)
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
