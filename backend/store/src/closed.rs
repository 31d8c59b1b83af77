//! Whether a group is closed for a task: table `service_group` with its peak hours, table `freeze`, and whether a DBA let the task go.

use crate::{Error, Tx, freeze};
use dbdesk_cmdb::{
    GroupId, ServiceGroup,
    calendar::{self, Closed, Freeze, Why},
};
use dbdesk_commands::{clock::Time, id::TaskId, wire::waits::Waits};
use sqlx::FromRow;

#[derive(FromRow)]
struct Row {
    spec: String,
    wish_by: String,
    wish_at: Option<Time>,
}

/// What keeps a task from starting at `now`, where its group is closed.
pub async fn keeps(tx: &mut Tx, task: TaskId, group: GroupId, now: Time) -> Result<Option<Waits>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT g.spec, t.wish_by, t.wish_at FROM task t, service_group g WHERE t.id = ? AND g.id = ?",
    )
    .bind(task.0)
    .bind(group.0)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let spec: ServiceGroup = serde_json::from_str(&row.spec).map_err(|error| Error::Fault(error.into()))?;
    let freezes: Vec<Freeze> =
        freeze::in_force(&mut **tx, now).await?.into_iter().map(|row| row.freeze).collect();
    let leave = row.wish_at.filter(|_| row.wish_by == "person");
    Ok(calendar::keeps(group, &spec, &freezes, leave, now).map(waits))
}

/// As the thread tells it.
#[must_use]
pub fn waits(closed: Closed) -> Waits {
    match closed.why {
        Why::Peak => Waits::Peak { until: closed.until },
        Why::Freeze { reason } => Waits::Freeze { reason, until: closed.until },
    }
}
