//! A group is taken away, from the outermost inwards. Its data is kept aside; the inventory keeps what it was.

use super::{PATIENCE_S, Subject, addresses, no_host, read_only, reader, replicas, straight};
use crate::{
    build::labels,
    step::{ProxySpec, Step},
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{GroupStage, Host, Instance, Vip};
use dbdesk_commands::lang::Said;

/// The plan. It begins only while no application is connected to any server.
///
/// # Errors
/// Everything that speaks against it.
pub fn retire(subject: &Subject<'_>) -> Result<Workflow, Vec<Said>> {
    let group = subject.group;
    let mut faults: Vec<Said> = subject.standing().into_iter().chain(subject.unfinished()).collect();
    let idle = |instance: &Instance| Step::Idle { server: instance.to_string() };
    let mut steps: Vec<Step> = group.instances.iter().map(idle).collect();
    for name in &group.names {
        if let Some(was) = subject.name_leads(name.purpose) {
            steps.push(Step::RemoveName { name: name.clone(), was });
        }
    }
    for vip in &group.vips {
        steps.push(Step::ReleaseVip { vip: vip.clone(), was: carrier(subject, vip) });
    }
    let Some(primary) = group.primary() else { return Err(faults) };
    for proxy in &group.proxies {
        let spec = ProxySpec {
            group: group.name.clone(),
            proxy: proxy.clone(),
            writer: primary.to_string(),
            readers: replicas(group).into_iter().map(reader).collect(),
            patience_s: PATIENCE_S,
        };
        match subject.host(&proxy.host) {
            Some(host) => steps.push(Step::RemoveProxy { on: host.name.clone(), spec }),
            None => faults.push(no_host(&proxy.host)),
        }
    }
    steps.extend(servers(subject, primary, &mut faults));
    let mut becomes = group.clone();
    becomes.stage = GroupStage::Retired;
    steps.extend([
        Step::Unmonitor { group: group.name.clone(), labels: labels(group), targets: addresses(group) },
        Subject::inventory(group, &becomes),
    ]);
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(Workflow { aim: Aim::Retire, group: group.name.clone(), seen: subject.seen, document: None, steps })
}

/// All servers have the same when they stop; the primary stops last and would start first.
fn servers(subject: &Subject<'_>, primary: &Instance, faults: &mut Vec<Said>) -> Vec<Step> {
    let others: Vec<&Instance> = subject.group.instances.iter().filter(|one| *one != primary).collect();
    let mut steps = vec![read_only(primary, true)];
    steps.extend(
        others
            .iter()
            .map(|replica| Step::CatchUp { replica: replica.to_string(), source: primary.to_string() }),
    );
    let mut aside = Vec::new();
    for instance in others.into_iter().chain([primary]) {
        match subject.at(instance) {
            Ok(at) => {
                steps.push(Step::StopInstance { at: at.clone() });
                aside.push(Step::SetAsideInstance { at });
            }
            Err(fault) => faults.push(fault),
        }
    }
    steps.append(&mut aside);
    steps
}

/// The host that a virtual IP is brought back to: that of what it leads to, else the first that may carry it.
fn carrier(subject: &Subject<'_>, vip: &Vip) -> Option<String> {
    let group = subject.group;
    let leads: Vec<&str> = if group.proxies.is_empty() {
        straight(group, vip.purpose).into_iter().map(|one| one.host.as_str()).collect()
    } else {
        group.proxies.iter().map(|proxy| proxy.host.as_str()).collect()
    };
    let may = |host: &&Host| vip.hosts.iter().any(|one| host.is(one));
    let first = leads.into_iter().filter_map(|host| subject.host(host)).find(may);
    let host = first.or_else(|| subject.hosts.iter().find(may));
    host.map(|host| host.name.clone())
}
