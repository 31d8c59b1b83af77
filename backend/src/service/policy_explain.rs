//! What policy says of a ticket, for whoever runs the desk: which rule holds, who must approve it, who has, and who can now.

use super::{
    Failure, refuse,
    standing::steps_of,
    steps::{can_act, counted, lapse, subject_of},
};
use crate::config::Policy;
use dbdesk_commands::{
    clock::Time,
    id::TicketId,
    wire::{policy::RequestKind, ticket::TicketState},
};
use dbdesk_review::Judged;
use dbdesk_store::{
    Pool,
    approval::{self, ApprovalRow},
    person, revision, service_group, ticket,
};
use dbdesk_ticket::{
    approval::{Step, open},
    rule::rule,
};
use std::{collections::BTreeSet, fmt::Write as _};

/// Says it, in lines.
pub async fn explain(store: &Pool, policy: &Policy, id: TicketId, now: Time) -> Result<String, Failure> {
    let row = ticket::get(store, id).await?.ok_or_else(|| refuse::no_ticket(id))?;
    let lost = |what: &str| anyhow::anyhow!("the {what} of {id} is gone");
    let group = service_group::by_id(store, row.group).await?.ok_or_else(|| lost("service group"))?.group;
    let revision = revision::get(store, id, row.now.revision).await?.ok_or_else(|| lost("revision"))?;
    let judged: Judged = serde_json::from_str(&revision.review).map_err(anyhow::Error::from)?;
    let kind = if revision.takes_back { RequestKind::Undo } else { revision.effect.kind.into() };
    let subject = subject_of(kind, &judged, (revision.statements, row.now.risk), &group);
    let mut told = format!(
        "{id} revision {}: {}\n  {} on {} ({}), risk {}, {}, rows changed: {}, largest table altered: {}\n",
        row.now.revision,
        row.now.state.said().en,
        subject.kind.word(),
        subject.service_group,
        subject.environment,
        subject.risk.word(),
        if subject.statements == 1 {
            "1 statement".to_owned()
        } else {
            format!("{} statements", subject.statements)
        },
        known(subject.affected_rows, |rows| rows.to_string()),
        known(subject.table_bytes, size),
    );
    if row.now.approved_by_policy {
        told.push_str("It was approved by [policy.limits]: nobody was needed.\n");
        return Ok(told);
    }
    let of = (id, row.now.revision);
    let (rows, given) =
        (approval::steps(store, of).await?, approval::given(store, of, lapse(policy, now)).await?);
    let steps = steps_of(&rows);
    let ruled = rule(&policy.rule, &subject);
    let by = rows.iter().find_map(|row| row.rule.as_deref());
    let _ = writeln!(told, "When it was filed: {}", by_rule(by));
    if ruled.rule != by || ruled.steps != steps {
        let steps = ruled.rule.map(|_| format!(": {}", written(&ruled.steps))).unwrap_or_default();
        let _ = writeln!(told, "Filed today: {}{steps}", by_rule(ruled.rule));
    }
    let waits = row.now.state == TicketState::AwaitingApproval;
    let open = open(&steps, &counted(&given)).filter(|_| waits);
    told.push_str(&steps_told(store, &steps, &given, open.map(|open| open.step)).await?);
    if let Some(open) = open {
        let people =
            can_act((store, policy), (&steps, &counted(&given)), (&group, row.requester), now).await?;
        let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
        let names = if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
        let _ = writeln!(told, "Missing now: {} of {names}", open.missing);
    }
    Ok(told)
}

fn known(value: Option<u64>, shown: impl Fn(u64) -> String) -> String {
    value.map_or_else(|| "not known".to_owned(), shown)
}

/// In the unit that people say.
fn size(bytes: u64) -> String {
    let units = [(1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")];
    let unit = units.into_iter().find(|(unit, _)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(unit, name)| format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
    )
}

fn by_rule(rule: Option<&str>) -> String {
    rule.map_or_else(
        || "no rule fits, so one DBA of the group".to_owned(),
        |rule| format!("the rule “{rule}”"),
    )
}

fn written(steps: &[Step]) -> String {
    let steps: Vec<String> = steps.iter().map(|step| format!("{} of {}", step.needs, step.from)).collect();
    if steps.is_empty() { "nobody is needed".to_owned() } else { steps.join(", then ") }
}

async fn steps_told(
    store: &Pool,
    steps: &[Step],
    given: &[ApprovalRow],
    open: Option<u8>,
) -> Result<String, Failure> {
    let ids: BTreeSet<_> = given.iter().flat_map(|one| [Some(one.by), one.stood_in_for]).flatten().collect();
    let names = person::views(store, &ids).await?;
    let name = |id| names.get(&id).map_or_else(|| id.to_string(), |person| person.name.clone());
    let mut told = String::new();
    for (at, step) in (0_u8..).zip(steps) {
        let who: Vec<String> = given
            .iter()
            .filter(|one| one.step == at)
            .map(|one| match (one.stood_in_for, one.emergency) {
                (_, Some(emergency)) => format!("{} alone ({emergency})", name(one.by)),
                (Some(other), None) => format!("{} for {}", name(one.by), name(other)),
                (None, None) => name(one.by),
            })
            .collect();
        let who = if who.is_empty() { "nobody yet".to_owned() } else { who.join(", ") };
        let mark = if open == Some(at) { "  <- now" } else { "" };
        let _ = writeln!(told, "  step {}: {} of {}: {who}{mark}", at + 1, step.needs, step.from);
    }
    Ok(told)
}
