//! The steps that policy asks for a revision: written when it is filed, counted when somebody approves it.

use super::{Failure, reviewing::Reviewed, standing::steps_of};
use crate::{config::Policy, desk::Desk};
use chrono::TimeDelta;
use dbdesk_cmdb::ServiceGroup;
use dbdesk_commands::{
    clock::Time,
    id::{PersonId, TicketId},
    wire::{
        policy::{GivenView, RequestKind, StepView},
        ticket::Risk,
    },
};
use dbdesk_review::Judged;
use dbdesk_store::{
    Pool, Tx,
    approval::{self, ApprovalRow, StepRow},
    delegation,
    person::{self, Person},
    service_group,
};
use dbdesk_ticket::{
    approval::{Approver, Given, Step, approve, open},
    people::DBA,
    rule::{Ruled, Subject, rule},
};
use std::collections::BTreeSet;

/// People that are looked at to find those who can act.
const PEOPLE: u32 = 5_000;

/// What policy looks at.
pub(super) fn subject<'a>(reviewed: &Reviewed, risk: Risk, group: &'a ServiceGroup) -> Subject<'a> {
    let kind = match &reviewed.asked {
        Some(asked) => asked.kind,
        None if reviewed.takes_back.is_some() => RequestKind::Undo,
        None => reviewed.judged.kind().into(),
    };
    subject_of(kind, &reviewed.judged, (reviewed.statements(), risk), group)
}

/// The same of what was reviewed before.
pub(super) fn subject_of<'a>(
    kind: RequestKind,
    judged: &Judged,
    (statements, risk): (u32, Risk),
    group: &'a ServiceGroup,
) -> Subject<'a> {
    Subject {
        kind,
        service_group: &group.name,
        environment: &group.environment,
        risk,
        statements,
        affected_rows: judged.affected_rows(),
        table_bytes: judged.table_bytes(),
    }
}

/// Who must approve it: those whom policy names, and who is asked for besides. Where no rule fits, the latter alone.
pub(super) fn ruled<'a>(
    policy: &'a Policy,
    reviewed: &Reviewed,
    risk: Risk,
    group: &ServiceGroup,
) -> Ruled<'a> {
    let mut ruled = rule(&policy.rule, &subject(reviewed, risk, group));
    if let Some(step) = reviewed.asked.as_ref().and_then(|asked| asked.step.clone()) {
        if ruled.rule.is_none() {
            ruled.steps.clear();
        }
        if !ruled.steps.iter().any(|known| known.from == step.from && known.needs >= step.needs) {
            ruled.steps.push(step);
        }
    }
    ruled
}

/// Writes down who must approve this revision.
pub(super) async fn write(
    desk: &Desk,
    tx: &mut Tx,
    of: (TicketId, u32),
    (reviewed, risk): (&Reviewed, Risk),
    group: &ServiceGroup,
) -> Result<(), Failure> {
    let ruled = ruled(&desk.config.policy, reviewed, risk, group);
    let row = |step: &Step| StepRow {
        approvers: step.from.clone(),
        needs: step.needs.get(),
        rule: ruled.rule.map(str::to_owned),
    };
    let mut rows: Vec<StepRow> = ruled.steps.iter().map(row).collect();
    // Whoever decides on the other groups that it changes decides on it, too.
    for dbas in others(desk, reviewed, group).await? {
        if !rows.iter().any(|row| row.approvers == dbas) {
            rows.push(StepRow { approvers: dbas, needs: 1, rule: None });
        }
    }
    Ok(approval::put_steps(tx, of, &rows).await?)
}

/// The approvers who are the DBAs of other service groups that it changes, where these are not the same.
async fn others(desk: &Desk, reviewed: &Reviewed, group: &ServiceGroup) -> Result<BTreeSet<String>, Failure> {
    let Some(spread) = &reviewed.spread else { return Ok(BTreeSet::new()) };
    let ids: BTreeSet<_> = spread.groups().into_values().collect();
    let groups = service_group::by_ids(&desk.store, &ids).await?;
    let dbas = groups.into_iter().filter(|other| other.group.dbas != group.dbas);
    Ok(dbas.filter_map(|other| other.group.dbas).collect())
}

/// Approvals that were given before this have lapsed.
pub(super) fn lapse(policy: &Policy, now: Time) -> Time {
    now - TimeDelta::hours(i64::from(policy.approval_hours))
}

/// As the pure steps count them.
pub(super) fn counted(rows: &[ApprovalRow]) -> Vec<Given> {
    rows.iter().map(|row| Given { step: row.step, by: row.by, stood_in_for: row.stood_in_for }).collect()
}

/// The steps of a revision with who has approved, as people see them; `waits`: it waits for an approval now.
pub(super) async fn views(
    desk: &Desk,
    of: (TicketId, u32),
    (group, waits): (&ServiceGroup, bool),
) -> Result<(Option<String>, Vec<StepView>), Failure> {
    let rows = approval::steps(&desk.store, of).await?;
    let given = approval::given(&desk.store, of, lapse(&desk.config.policy, desk.clock.now())).await?;
    let steps = steps_of(&rows);
    let open = open(&steps, &counted(&given)).filter(|_| waits).map(|open| usize::from(open.step));
    let people: BTreeSet<PersonId> =
        given.iter().flat_map(|one| [Some(one.by), one.stood_in_for]).flatten().collect();
    let names = person::views(&desk.store, &people).await?;
    let given_at = |at: usize| {
        given.iter().filter(move |one| usize::from(one.step) == at).filter_map(|one| {
            Some(GivenView {
                by: names.get(&one.by)?.clone(),
                stood_in_for: one.stood_in_for.and_then(|other| names.get(&other).cloned()),
                at: one.at,
            })
        })
    };
    let view = |(at, step): (usize, &Step)| StepView {
        from: step.from.clone(),
        needs: step.needs.get(),
        given: given_at(at).collect(),
        open: open == Some(at),
        every_dba: step.from == DBA && group.dbas.is_none(),
    };
    let rule = rows.iter().find_map(|row| row.rule.clone());
    Ok((rule, steps.iter().enumerate().map(view).collect()))
}

/// Those who can approve the open step now: of its group or standing in for one of it, who do not count yet.
pub(super) async fn can_act(
    (store, policy): (&Pool, &Policy),
    (steps, given): (&[Step], &[Given]),
    (group, requester): (&ServiceGroup, PersonId),
    now: Time,
) -> Result<Vec<Person>, Failure> {
    let everybody = person::with_roles(store, PEOPLE).await?;
    let leave = delegation::now(store, now).await?;
    let groups = &policy.approvers;
    let dbas = group.dbas.as_deref();
    let can = |who: &&Person| {
        let away = leave.iter().filter(|(_, to)| *to == who.id).filter_map(|(away, _)| {
            let mut away = everybody.iter().find(|person| person.id == *away)?.clone();
            away.roles.retain(|role| who.roles.contains(role));
            Some(away)
        });
        let away: Vec<Person> = away.collect();
        let approver = Approver {
            id: who.id,
            groups: groups.beside(dbas, &who.member()),
            stands_in_for: away
                .iter()
                .map(|person| (person.id, groups.beside(dbas, &person.member())))
                .collect(),
        };
        approve(steps, given, &approver, requester).is_ok()
    };
    let able: Vec<Person> = everybody.iter().filter(can).cloned().collect();
    Ok(able)
}
