//! Schedules, newest first.

use super::{Caller, Failure, standing};
use crate::desk::Desk;
use dbdesk_commands::{
    id::ScheduleId,
    lang::Lang,
    wire::{
        person::PersonView,
        schedule::{SchedulePage, ScheduleView},
    },
};
use dbdesk_store::{
    person,
    schedule::{self, Filter, ScheduleRow},
    service_group,
};

/// The most of one page.
pub const MOST: u32 = 50;

/// Lists the caller's own, or everybody's.
pub async fn list(
    desk: &Desk,
    caller: &Caller,
    mine: bool,
    before: Option<ScheduleId>,
    limit: u32,
) -> Result<SchedulePage, Failure> {
    let limit = limit.clamp(1, MOST);
    let filter = Filter {
        sight: Some(standing::sight(desk, caller).await?),
        owner: mine.then_some(caller.person.id),
        within: caller.within().clone(),
        before,
        limit: limit + 1,
    };
    let mut rows = schedule::page(&desk.store, &filter).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next_before = rows.last().map(|row| row.id).filter(|_| more);
    Ok(SchedulePage { schedules: named(desk, rows, caller.lang).await?, next_before })
}

/// With the names of their groups and people.
pub(super) async fn named(
    desk: &Desk,
    rows: Vec<ScheduleRow>,
    lang: Lang,
) -> Result<Vec<ScheduleView>, Failure> {
    let people = person::views(&desk.store, &rows.iter().map(|row| row.what.owner).collect()).await?;
    let groups = rows.iter().map(|row| row.what.group).collect();
    let groups = service_group::names_of(&desk.store, &groups).await?;
    let views = rows.into_iter().map(|row| {
        let (owner, group) = (row.what.owner, row.what.group);
        // Who or what is gone is still named by its number.
        let owner = people.get(&owner).cloned().unwrap_or_else(|| PersonView {
            id: owner,
            name: owner.to_string(),
            discord_id: None,
        });
        let group = groups.get(&group).cloned().unwrap_or_else(|| group.to_string());
        view(row, group, owner, lang)
    });
    Ok(views.collect())
}

pub(super) fn view(row: ScheduleRow, service_group: String, owner: PersonView, lang: Lang) -> ScheduleView {
    let ScheduleRow { id, what, now, .. } = row;
    ScheduleView {
        id,
        name: what.name,
        state: now.state,
        service_group,
        database: what.database,
        owner,
        reason: what.reason,
        cron: what.cron,
        time_zone: what.time_zone,
        next_at: now.next_at,
        last_at: now.last_at,
        last_ticket: now.last_ticket,
        last_problem: now.last_problem.map(|problem| problem.said.in_lang(lang).to_owned()),
    }
}
