//! Whether a group is closed for a task: table `service_group` with its peak hours, table `freeze`, and whether a DBA let the task go.

use crate::{Error, Pool, freeze};
use dbdesk_cmdb::{
    GroupId, ServiceGroup,
    calendar::{self, Closed, Freeze, Why},
};
use dbdesk_commands::{clock::Time, id::TaskId, wire::waits::Waits};
use sqlx::{FromRow, MySql, QueryBuilder};
use std::collections::{BTreeMap, btree_map::Entry};

/// What keeps work of `group` from starting at `now`, where it is closed. `leave`: since when a DBA lets it go.
#[must_use]
pub fn keeps(
    group: GroupId,
    spec: &ServiceGroup,
    freezes: &[Freeze],
    leave: Option<Time>,
    now: Time,
) -> Option<Waits> {
    calendar::keeps(group, spec, freezes, leave, now).map(waits)
}

#[derive(FromRow)]
struct Asked {
    id: u64,
    group_id: u64,
    spec: String,
    wish_by: String,
    wish_at: Option<Time>,
}

/// Whether any group is closed now and then.
pub async fn any(pool: &Pool) -> Result<bool, Error> {
    let any: i64 = sqlx::query_scalar(
        "SELECT CAST(EXISTS (SELECT 1 FROM freeze WHERE ended_at IS NULL) \
         OR EXISTS (SELECT 1 FROM service_group WHERE JSON_CONTAINS_PATH(spec, 'one', '$.peak')) AS SIGNED)",
    )
    .fetch_one(pool)
    .await?;
    Ok(any != 0)
}

/// What keeps each of these tasks from starting at `now`, where its group is closed; the others are left out.
pub async fn keep(pool: &Pool, tasks: &[TaskId], now: Time) -> Result<BTreeMap<TaskId, Waits>, Error> {
    if tasks.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut query = QueryBuilder::<MySql>::new(
        "SELECT t.id, g.id AS group_id, g.spec, t.wish_by, t.wish_at FROM task t \
         JOIN service_group g ON g.id = t.service_group_id WHERE t.id IN (",
    );
    let mut list = query.separated(", ");
    for task in tasks {
        list.push_bind(task.0);
    }
    query.push(")");
    let asked: Vec<Asked> = query.build_query_as().fetch_all(pool).await?;
    let freezes: Vec<Freeze> = freeze::in_force(pool, now).await?.into_iter().map(|row| row.freeze).collect();
    let mut specs: BTreeMap<GroupId, ServiceGroup> = BTreeMap::new();
    let mut kept = BTreeMap::new();
    for Asked { id, group_id, spec, wish_by, wish_at } in asked {
        let group = GroupId(group_id);
        let spec = match specs.entry(group) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                new.insert(serde_json::from_str(&spec).map_err(|error| Error::Fault(error.into()))?)
            }
        };
        let leave = wish_at.filter(|_| wish_by == "person");
        kept.extend(keeps(group, spec, &freezes, leave, now).map(|waits| (TaskId(id), waits)));
    }
    Ok(kept)
}

/// As the thread tells it.
#[must_use]
pub fn waits(closed: Closed) -> Waits {
    match closed.why {
        Why::Peak => Waits::Peak { until: closed.until },
        Why::Freeze { reason } => Waits::Freeze { reason, until: closed.until },
    }
}
