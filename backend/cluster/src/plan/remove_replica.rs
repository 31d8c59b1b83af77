//! A replica less: it is read from no more, and its data is kept aside.

use super::{Subject, reader, reading, replicas, unfollow};
use crate::{
    step::{Reading, Step},
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{Instance, InstanceState};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};

/// The plan. `least`: so many replicas the group's package asks for.
///
/// # Errors
/// Everything that speaks against it.
pub fn remove_replica(subject: &Subject<'_>, named: &str, least: usize) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().collect();
    let replica = subject.instance(named).map_err(|fault| faults.push(fault)).ok();
    faults.extend(replica.and_then(|replica| needed(subject, replica, least)));
    let at = replica.and_then(|replica| subject.at(replica).map_err(|fault| faults.push(fault)).ok());
    let (Some(replica), Some(at), Some(primary), true) = (replica, at, group.primary(), faults.is_empty())
    else {
        return Err(faults);
    };
    let (mut leaving, mut becomes) = (group.clone(), group.clone());
    for instance in leaving.instances.iter_mut().filter(|one| *one == replica) {
        instance.state = InstanceState::Building;
    }
    becomes.instances.retain(|one| one != replica);
    let server = replica.to_string();
    let mut steps = Vec::new();
    // From here on nobody minds what it says.
    if leaving != *group {
        steps.push(Subject::inventory(group, &leaving));
    }
    steps.extend(subject.put_names(&becomes));
    if replica.state == InstanceState::InService {
        for proxy in reading(group) {
            steps.push(Step::SetReader {
                proxy: proxy.clone(),
                reader: server.clone(),
                becomes: Reading::Drain,
                was: Reading::Ready,
            });
        }
    }
    for proxy in reading(group) {
        steps.push(Step::RemoveReader { proxy: proxy.clone(), reader: reader(replica) });
    }
    steps.extend([
        Step::EndSessions { server },
        unfollow(replica, primary),
        Step::StopInstance { at: at.clone() },
        Step::SetAsideInstance { at },
        subject.monitored(&becomes),
        Subject::inventory(&leaving, &becomes),
    ]);
    Ok(Workflow {
        aim: Aim::RemoveReplica,
        group: group.name.clone(),
        seen: subject.seen,
        document: None,
        steps,
    })
}

/// Why it can not be spared.
fn needed(subject: &Subject<'_>, replica: &Instance, least: usize) -> Option<Said> {
    let group = subject.group;
    let name = &group.name;
    if replica.role == InstanceRole::Primary {
        return Some(said!(
            "{replica} is the primary. Let another be it first (`/cluster switchover`).",
            "{replica} 是主库。请先用 `/cluster switchover` 切换主库。"
        ));
    }
    if replica.state != InstanceState::InService {
        return None;
    }
    let left = replicas(group).len().saturating_sub(1);
    if left < least {
        let package = group.package.as_deref().unwrap_or("-");
        Some(said!(
            "{name} would be left with {left} of the {least} replicas that its package {package} asks for. Add another first.",
            "移除后 {name} 只剩 {left} 个从库，而套餐 {package} 要求至少 {least} 个。请先添加一个。"
        ))
    } else if left == 0 && group.semi_sync == Some(true) {
        Some(said!(
            "The primary of {name} waits for a replica at each commit, and {replica} is the last. Add another first.",
            "{name} 的主库每次提交都要等待从库，而 {replica} 是最后一个。请先添加一个。"
        ))
    } else if left == 0 && reading(group).next().is_some() {
        Some(said!(
            "{replica} is the last that {name} is read from: the proxies' reading port would lead nowhere. Add another first.",
            "{replica} 是 {name} 最后一个提供读的从库，代理的读端口将没有后端。请先添加一个。"
        ))
    } else {
        None
    }
}
