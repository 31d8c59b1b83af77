//! All servers are restarted, one after the other, with the programs that their hosts have now: so a minor version goes through a group, replicas
//! first and the primary as a replica.

use super::{Subject, parameters::restarted, switchover};
use crate::{
    step::Step,
    workflow::{Aim, Workflow},
};
use dbdesk_commands::lang::{Said, said};

/// The plan; `to` becomes the primary before the primary is restarted.
///
/// # Errors
/// Everything that speaks against it.
pub fn restart(subject: &Subject<'_>, to: Option<&str>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().chain(subject.unfinished()).collect();
    for instance in &group.instances {
        faults.extend(subject.at(instance).err());
    }
    let Some(old) = group.primary() else { return Err(faults) };
    if to.is_none() {
        faults.push(said!(
            "The primary {old} is not restarted under its applications. Say which replica becomes the primary meanwhile (`to`). A group without \
             replicas has its server shut down and started by `/instance stop` and `/instance start`.",
            "主库 {old} 不会在有应用连接时重启。请用 `to` 写明由哪个从库接任主库。没有从库的服务组请用 `/instance stop` 和 `/instance start`。"
        ));
    }
    let Some(to) = to.filter(|_| faults.is_empty()) else { return Err(faults) };
    let mut steps: Vec<Step> = Vec::new();
    for replica in group.instances.iter().filter(|one| *one != old) {
        steps.extend(restarted(subject, None, replica)?);
    }
    let (over, becomes) = switchover::steps(subject, &switchover::Choice::to(to))?;
    steps.extend(over);
    let after = Subject { group: &becomes, ..*subject };
    let old = becomes.instances.iter().find(|one| (&one.host, one.port) == (&old.host, old.port));
    if let Some(old) = old {
        steps.extend(restarted(&after, None, old)?);
    }
    let name = group.name.clone();
    Ok(Workflow { aim: Aim::Restart, group: name, seen: subject.seen, document: None, steps })
}
