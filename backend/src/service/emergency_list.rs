//! The emergencies that are on or that nobody has looked at, for those who can do something about them.

use super::{Caller, Failure};
use crate::desk::Desk;
use dbdesk_commands::wire::{
    emergency::{EmergencyPage, EmergencyView},
    person::Role,
};
use dbdesk_store::{
    emergency::{self, EmergencyRow},
    person, service_group,
};

/// Lists them, the newest first: an admin's, a DBA's of the group, and one's own.
pub async fn list(desk: &Desk, caller: &Caller) -> Result<EmergencyPage, Failure> {
    let (now, who) = (desk.clock.now(), &caller.person);
    let approvers = &desk.config.policy.approvers;
    let is_admin = who.roles.contains(&Role::Admin);
    let all = service_group::all(&desk.store, caller.within()).await?;
    let his = all.iter().filter(|row| is_admin || approvers.is_dba(row.group.dbas.as_deref(), &who.member()));
    let his: Vec<_> = his.map(|row| row.id).collect();
    let own_only = his.is_empty();
    let rows = emergency::not_reviewed(&desk.store, (&his, who.id)).await?;
    let groups = service_group::by_ids(&desk.store, &rows.iter().map(|row| row.group).collect()).await?;
    let people = person::views(&desk.store, &rows.iter().map(|row| row.person).collect()).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut tickets = emergency::tickets_of(&desk.store, &ids).await?;
    let view = |row: EmergencyRow| {
        let group = &groups.iter().find(|group| group.id == row.group)?.group;
        if !caller.within().has(row.group) {
            return None;
        }
        Some(EmergencyView {
            id: row.id,
            service_group: group.name.clone(),
            person: people.get(&row.person)?.clone(),
            ended_at: (!row.is_on(now)).then(|| row.end()),
            reason: row.reason,
            from: row.from,
            until: row.until,
            tickets: tickets.remove(&row.id).unwrap_or_default(),
            reviewed: None,
        })
    };
    Ok(EmergencyPage { own_only, emergencies: rows.into_iter().filter_map(view).collect() })
}
