//! The freezes in force.

use super::Failure;
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::wire::{
    freeze::{ALL_GROUPS, FreezePage, FreezeView},
    person::PersonView,
};
use dbdesk_store::{
    freeze::{self, FreezeRow},
    person, service_group,
};

/// Lists them, the newest first.
pub async fn list(desk: &Desk, within: &Within) -> Result<FreezePage, Failure> {
    let mut rows = freeze::in_force(&desk.store, desk.clock.now()).await?;
    rows.retain(|row| row.freeze.group.is_none_or(|group| within.has(group)));
    Ok(FreezePage { freezes: named(desk, rows).await? })
}

/// With the names of their groups and people.
pub(super) async fn named(desk: &Desk, rows: Vec<FreezeRow>) -> Result<Vec<FreezeView>, Failure> {
    let people = person::views(&desk.store, &rows.iter().map(|row| row.by).collect()).await?;
    let groups = rows.iter().filter_map(|row| row.freeze.group).collect();
    let groups = service_group::names_of(&desk.store, &groups).await?;
    rows.into_iter()
        .map(|row| {
            let by = people
                .get(&row.by)
                .cloned()
                .ok_or_else(|| anyhow::anyhow!("{}: its author is gone", row.id))?;
            let group = match row.freeze.group {
                None => ALL_GROUPS.to_owned(),
                Some(group) => groups.get(&group).cloned().unwrap_or_else(|| group.to_string()),
            };
            Ok(view(row, group, by))
        })
        .collect()
}

pub(super) fn view(row: FreezeRow, service_group: String, by: PersonView) -> FreezeView {
    let FreezeRow { id, freeze, ended_at, .. } = row;
    FreezeView {
        id,
        service_group,
        reason: freeze.reason,
        by,
        from: freeze.from,
        until: freeze.until,
        ended_at,
    }
}
