//! Options of a group's servers, one server after the other, replicas first. Those that are read at the start only restart the replicas one by
//! one; the primary hands over to one that has them, and is restarted as a replica.

use super::{LAG_MS, Subject, known, reader, reading, replicas, switchover};
use crate::{
    step::{Reading, Step},
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{Instance, InstanceState, ServiceGroup};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};
use std::collections::BTreeMap;

/// What each server's options are now: by server (`host:port`), then by name. What is left out is not set.
pub type Now = BTreeMap<String, BTreeMap<String, String>>;

/// What may be chosen.
#[derive(Debug, Clone, Copy)]
pub struct Choice<'a> {
    /// The options by name, and what they become.
    pub becomes: &'a BTreeMap<String, String>,
    /// What they are.
    pub now: &'a Now,
    /// Who becomes the primary, where the primary has to be restarted.
    pub to: Option<&'a str>,
}

/// The plan.
///
/// # Errors
/// Everything that speaks against it.
pub fn parameters(subject: &Subject<'_>, choice: &Choice<'_>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().chain(subject.unfinished()).collect();
    if choice.becomes.is_empty() {
        faults.push(Said::fixed("No parameters are given.", "没有写明要修改的参数。"));
    }
    if let Err(found) = known::check(&group.flavour, choice.becomes) {
        faults.extend(found);
    }
    for instance in &group.instances {
        faults.extend(subject.at(instance).err());
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let is_static = |name: &String| known::of(&group.flavour, name).is_some_and(|known| !known.is_dynamic);
    let read_at_start: Vec<&String> = choice.becomes.keys().filter(|name| is_static(name)).collect();
    let steps = if read_at_start.is_empty() {
        while_running(subject, choice)
    } else {
        with_restarts(subject, choice, &read_at_start)
    }?;
    Ok(Workflow {
        aim: Aim::Parameters,
        group: group.name.clone(),
        seen: subject.seen,
        document: None,
        steps,
    })
}

fn while_running(subject: &Subject<'_>, choice: &Choice<'_>) -> Result<Vec<Step>, Vec<Said>> {
    let primary = subject.group.primary();
    let others = subject.group.instances.iter().filter(|one| one.role == InstanceRole::Replica);
    others
        .chain(primary)
        .map(|instance| set(subject, choice, instance).map_err(|fault| vec![fault]))
        .collect()
}

fn with_restarts(
    subject: &Subject<'_>,
    choice: &Choice<'_>,
    read_at_start: &[&String],
) -> Result<Vec<Step>, Vec<Said>> {
    let group = subject.group;
    let names = read_at_start.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some(old) = group.primary() else { return Err(Vec::new()) };
    let Some(to) = choice.to else {
        return Err(vec![said!(
            "{names} is read at the start only, and the primary {old} is not restarted under its applications. Say which replica becomes the \
             primary meanwhile (`to`); {old} is then restarted as a replica. A group without replicas has its server shut down and started \
             by `/instance stop` and `/instance start`.",
            "{names} 只在启动时生效，而主库 {old} 不会在有应用连接时重启。请用 `to` 写明由哪个从库接任主库，之后 {old} 作为从库重启。\
             没有从库的服务组请用 `/instance stop` 和 `/instance start` 停止再启动。"
        )]);
    };
    let mut steps = Vec::new();
    for replica in group.instances.iter().filter(|one| *one != old) {
        let set = set(subject, choice, replica).map_err(|fault| vec![fault])?;
        steps.extend(restarted(subject, Some(set), replica)?);
    }
    let (over, becomes) = switchover::steps(subject, &switchover::Choice::to(to))?;
    steps.extend(over);
    let after = Subject { group: &becomes, ..*subject };
    let old = becomes.instances.iter().find(|one| (&one.host, one.port) == (&old.host, old.port));
    if let Some(old) = old {
        let set = set(&after, choice, old).map_err(|fault| vec![fault])?;
        steps.extend(restarted(&after, Some(set), old)?);
    }
    Ok(steps)
}

/// A replica is read from no more, restarted, and read from again when it has caught up. `between`: what is done while it does not run, so
/// that the way back, too, starts it with what it is to have.
pub(super) fn restarted(
    subject: &Subject<'_>,
    between: Option<Step>,
    replica: &Instance,
) -> Result<Vec<Step>, Vec<Said>> {
    let group = subject.group;
    let at = subject.at(replica).map_err(|fault| vec![fault])?;
    let asked = |becomes, was| {
        let reads = reading(group).filter(|_| replica.state == InstanceState::InService);
        reads.map(move |proxy| Step::SetReader {
            proxy: proxy.clone(),
            reader: replica.to_string(),
            becomes,
            was,
        })
    };
    let stands_in = stands_in(group, replica);
    let mut steps = Vec::new();
    if let Some(primary) = stands_in {
        steps.extend(
            reading(group).map(|proxy| Step::AddReader { proxy: proxy.clone(), reader: reader(primary) }),
        );
    }
    steps.extend(asked(Reading::Drain, Reading::Ready));
    steps.push(Step::StopInstance { at: at.clone() });
    steps.extend(between);
    steps.extend([Step::StartInstance { at }, Step::Lag { replica: replica.to_string(), most_ms: LAG_MS }]);
    steps.extend(asked(Reading::Ready, Reading::Drain));
    if let Some(primary) = stands_in {
        steps.extend(
            reading(group).map(|proxy| Step::RemoveReader { proxy: proxy.clone(), reader: reader(primary) }),
        );
    }
    Ok(steps)
}

/// The primary is read from while the only other that is is restarted.
fn stands_in<'a>(group: &'a ServiceGroup, replica: &Instance) -> Option<&'a Instance> {
    let only = matches!(replicas(group).as_slice(), [only] if *only == replica);
    group.primary().filter(|_| only)
}

fn set(subject: &Subject<'_>, choice: &Choice<'_>, instance: &Instance) -> Result<Step, Said> {
    let now = choice.now.get(&instance.to_string());
    let was = |name: &String| (name.clone(), now.and_then(|now| now.get(name)).cloned());
    Ok(Step::SetParameters {
        at: subject.at(instance)?,
        becomes: choice.becomes.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect(),
        was: choice.becomes.keys().map(was).collect(),
    })
}
