//! Emergencies as the alerts channel shows them: that one is on, how it ended, and that somebody has to look at it. What time brings is done
//! by control.

use super::{Failure, noticing};
use crate::desk::Desk;
use chrono::TimeDelta;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::{EmergencyId, PersonId},
    lang::Lang,
    wire::{
        emergency::EmergencyView,
        notice::{EmergencyEnd, NoticeChannel, NoticeContent, Reviewed},
        person::{PersonView, Role},
    },
};
use dbdesk_store::{
    Tx, begin,
    emergency::{self, EmergencyRow},
    notice, person, service_group,
};
use std::collections::BTreeSet;

/// Between two reminders of an emergency that nobody has looked at.
const REMIND_EVERY: TimeDelta = TimeDelta::days(1);
/// People that are looked at to find those who can look at it.
const PEOPLE: u32 = 5_000;
/// Most who are called by name.
const NAMED: usize = 20;

/// Its service group.
pub(super) async fn group_of(desk: &Desk, row: &EmergencyRow) -> Result<ServiceGroup, Failure> {
    let group = service_group::by_id(&desk.store, row.group).await?;
    let group = group.ok_or_else(|| anyhow::anyhow!("the service group of {} is gone", row.id))?;
    Ok(group.group)
}

/// Brings its alert to how it is now; `by`: who ended it. Gives it as people see it.
pub(super) async fn tell(
    tx: &mut Tx,
    row: &EmergencyRow,
    (group, lang): (&ServiceGroup, Lang),
    by: Option<PersonView>,
    now: Time,
) -> Result<EmergencyView, Failure> {
    let reviewer = row.reviewed.as_ref().map(|(by, ..)| *by);
    let people: BTreeSet<PersonId> = [Some(row.person), reviewer].into_iter().flatten().collect();
    let people = person::by_ids(&mut **tx, &people).await?;
    let named = |id: PersonId| {
        let found = people.iter().find(|person| person.id == id).map(person::Person::view);
        found.ok_or_else(|| anyhow::anyhow!("{id} of {} is gone", row.id))
    };
    let ended_at = (!row.is_on(now)).then(|| row.end());
    let review = match &row.reviewed {
        Some((by, at, text)) => Some(Reviewed { by: named(*by)?, at: *at, text: text.clone() }),
        None => None,
    };
    let view = EmergencyView {
        id: row.id,
        service_group: group.name.clone(),
        person: named(row.person)?,
        reason: row.reason.clone(),
        from: row.from,
        until: row.until,
        ended_at,
        tickets: emergency::tickets(&mut **tx, row.id).await?,
        reviewed: review,
    };
    let before = match row.notice {
        Some(id) => notice::lock(tx, id).await?,
        None => None,
    };
    // Who ended it was said when it was.
    let by = by.or(match before {
        Some(NoticeContent::Emergency { ended: Some(EmergencyEnd { by, .. }), .. }) => by,
        _ => None,
    });
    let content = NoticeContent::Emergency {
        id: view.id,
        service_group: view.service_group.clone(),
        person: view.person.clone(),
        reason: view.reason.clone(),
        from: view.from,
        until: view.until,
        admins: noticing::admins(&mut **tx).await?,
        ended: view.ended_at.map(|at| EmergencyEnd { at, by, tickets: view.tickets.clone() }),
        reviewed: view.reviewed.clone(),
    };
    if let Some(id) = row.notice {
        notice::change(tx, id, &content, now).await?;
    } else {
        let id = notice::insert(tx, (NoticeChannel::Alerts, lang), &content, &[], now).await?;
        emergency::noticed(tx, row.id, id).await?;
    }
    if ended_at.is_some() && !row.end_told {
        emergency::end_told(tx, row.id, now, row.end() + REMIND_EVERY).await?;
    }
    Ok(view)
}

/// Tells of those whose time is over, and reminds of those that nobody has looked at; gives how many were told.
pub async fn look(desk: &Desk) -> Result<usize, Failure> {
    let mut told = 0;
    for id in emergency::to_end(&desk.store, desk.clock.now()).await? {
        let now = desk.clock.now();
        let mut tx = begin(&desk.store).await?;
        let Some(row) = emergency::lock(&mut tx, id).await?.filter(|row| !row.end_told) else { continue };
        let group = group_of(desk, &row).await?;
        tell(&mut tx, &row, (&group, Lang::En), None, now).await?;
        desk.commit(tx).await?;
        told += 1;
    }
    for id in emergency::to_remind(&desk.store, desk.clock.now()).await? {
        told += usize::from(remind(desk, id).await?);
    }
    if told > 0 {
        desk.bell.ring();
    }
    Ok(told)
}

async fn remind(desk: &Desk, id: EmergencyId) -> Result<bool, Failure> {
    let now = desk.clock.now();
    let mut tx = begin(&desk.store).await?;
    let Some(row) = emergency::lock(&mut tx, id).await? else { return Ok(false) };
    if !emergency::reminded(&mut tx, id, now, now + REMIND_EVERY).await? {
        return Ok(false);
    }
    let group = group_of(desk, &row).await?;
    let who = person::by_id(&mut *tx, row.person).await?;
    let who = who.ok_or_else(|| anyhow::anyhow!("{} of {id} is gone", row.person))?;
    let mut people = person::with_roles(&mut *tx, PEOPLE).await?;
    let groups = &desk.config.policy.approvers;
    people.retain(|person| {
        let may =
            person.roles.contains(&Role::Admin) || groups.is_dba(group.dbas.as_deref(), &person.member());
        may && person.id != row.person && person.discord_id.is_some()
    });
    people.truncate(NAMED);
    let content = NoticeContent::EmergencyNotReviewed {
        id,
        service_group: group.name,
        person: who.view(),
        ended_at: row.end(),
        people: people.iter().map(person::Person::view).collect(),
    };
    notice::insert(&mut tx, (NoticeChannel::Alerts, Lang::En), &content, &[], now).await?;
    desk.commit(tx).await?;
    Ok(true)
}
