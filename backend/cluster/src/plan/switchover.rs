//! Another server becomes the primary, on purpose. At no point do two servers take writes. Who takes them over has all that was acknowledged
//! before, and the old primary follows it before it takes the first: whatever comes then is on both, and the way back loses nothing either.

use super::{LAG_MS, Subject, follow, read_only, reader, reading, straight, unfollow};
use crate::{
    step::Step,
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{Host, Instance, InstanceState, Purpose, ServiceGroup, Vip, drift::ServerStep};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};

/// What may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<'a> {
    /// Who becomes the primary, `host:port`.
    pub to: &'a str,
    /// It lags less than so long when it begins.
    pub most_lag_ms: u64,
    /// The primary is read from, too: reading pools stay as they are.
    pub primary_reads: bool,
}

impl<'a> Choice<'a> {
    /// As usual.
    #[must_use]
    pub fn to(to: &'a str) -> Self {
        Self { to, most_lag_ms: LAG_MS, primary_reads: false }
    }
}

/// The plan.
///
/// # Errors
/// Everything that speaks against it.
pub fn switchover(subject: &Subject<'_>, choice: &Choice<'_>) -> Result<Workflow, Vec<Said>> {
    let (steps, _) = steps(subject, choice)?;
    Ok(Workflow {
        aim: Aim::Switchover,
        group: subject.group.name.clone(),
        seen: subject.seen,
        document: None,
        steps,
    })
}

/// Its steps, and the group afterwards.
pub(super) fn steps(
    subject: &Subject<'_>,
    choice: &Choice<'_>,
) -> Result<(Vec<Step>, ServiceGroup), Vec<Said>> {
    let (old, new) = ends(subject, choice)?;
    let group = subject.group;
    let becomes = swapped(group, old, new);
    let mut steps = vec![Step::Lag { replica: new.to_string(), most_ms: choice.most_lag_ms }];
    hand_over(group, (old, new), &mut steps);
    let straight = lead_there(subject, (old, new), &becomes, &mut steps)?;
    if straight {
        // Who came straight to the old one has its connection there still.
        steps.push(Step::EndSessions { server: old.to_string() });
    }
    for other in group.instances.iter().filter(|one| *one != old && *one != new) {
        steps.extend([unfollow(other, old), follow(other, new)]);
    }
    if !choice.primary_reads {
        steps.extend(swap_readers(group, (old, new)));
    }
    steps.push(Subject::inventory(group, &becomes));
    Ok((steps, becomes))
}

/// From the first write that waits to the first that the new one takes: short, and nothing in it that is not needed.
fn hand_over(group: &ServiceGroup, (old, new): (&Instance, &Instance), steps: &mut Vec<Step>) {
    let was = old.to_string();
    steps.extend(
        group.proxies.iter().map(|proxy| Step::HoldWriter { proxy: proxy.clone(), was: was.clone() }),
    );
    steps.extend([
        read_only(old, true),
        Step::EndSessions { server: was.clone() },
        Step::CatchUp { replica: new.to_string(), source: was },
        unfollow(new, old),
    ]);
    if group.semi_sync == Some(true) {
        steps.extend([semi_sync(new, true), semi_sync(old, false)]);
    }
    steps.extend([follow(old, new), read_only(new, false)]);
}

/// All that leads writes leads them to the new one; whether anything led straight to the old one.
fn lead_there(
    subject: &Subject<'_>,
    (old, new): (&Instance, &Instance),
    becomes: &ServiceGroup,
    steps: &mut Vec<Step>,
) -> Result<bool, Vec<Said>> {
    let to = new.to_string();
    let group = subject.group;
    steps.extend(group.proxies.iter().map(|proxy| Step::PointWriter {
        proxy: proxy.clone(),
        to: to.clone(),
        was: None,
    }));
    let mut names = subject.put_names(becomes);
    if !group.proxies.is_empty() {
        steps.append(&mut names);
        return Ok(false);
    }
    let vips = vips(subject, (old, new)).map_err(|fault| vec![fault])?;
    let straight = !vips.is_empty() || !names.is_empty();
    steps.extend(vips);
    steps.append(&mut names);
    Ok(straight)
}

/// Virtual IPs that are on the servers' own hosts.
fn vips(subject: &Subject<'_>, (old, new): (&Instance, &Instance)) -> Result<Vec<Step>, Said> {
    let mut steps = Vec::new();
    for vip in &subject.group.vips {
        let (from, to) = match vip.purpose {
            Purpose::Write => (old, new),
            Purpose::Read => (new, old),
        };
        let (from, on) = (carrier(subject, vip, from), carrier(subject, vip, to));
        match (from, on, vip.purpose) {
            (_, None, Purpose::Write) => {
                return Err(said!(
                    "The virtual IP {vip} can not be on {to}: its host is none of those that may carry it.",
                    "虚拟 IP {vip} 不能放到 {to}：它所在的主机不在允许的主机列表中。"
                ));
            }
            // It is with another replica, or can not go where the old primary is.
            (None, _, Purpose::Read) | (_, None, Purpose::Read) => {}
            (from, Some(on), _) if from.is_none_or(|from| from.name != on.name) => {
                steps.push(Step::TakeVip {
                    vip: vip.clone(),
                    on: on.name.clone(),
                    was: from.map(|from| from.name.clone()),
                });
            }
            _ => {}
        }
    }
    Ok(steps)
}

/// The host of a server, where it may carry the virtual IP.
fn carrier<'a>(subject: &Subject<'a>, vip: &Vip, instance: &Instance) -> Option<&'a Host> {
    let host = subject.host(&instance.host)?;
    vip.hosts.iter().any(|one| host.is(one)).then_some(host)
}

/// The old one is read from before the new one is not.
fn swap_readers(group: &ServiceGroup, (old, new): (&Instance, &Instance)) -> Vec<Step> {
    let mut steps = Vec::new();
    if reading(group).next().is_some() {
        steps.push(Step::Lag { replica: old.to_string(), most_ms: LAG_MS });
    }
    for proxy in reading(group) {
        steps.push(Step::AddReader { proxy: proxy.clone(), reader: reader(old) });
    }
    if new.state == InstanceState::InService {
        for proxy in reading(group) {
            steps.push(Step::RemoveReader { proxy: proxy.clone(), reader: reader(new) });
        }
    }
    steps
}

/// Who hands over, and who takes over.
fn ends<'a>(subject: &Subject<'a>, choice: &Choice<'_>) -> Result<(&'a Instance, &'a Instance), Vec<Said>> {
    let mut faults: Vec<Said> = subject.standing().into_iter().chain(subject.unfinished()).collect();
    let new = subject.instance(choice.to).map_err(|fault| faults.push(fault)).ok();
    if let Some(new) = new.filter(|new| new.role == InstanceRole::Primary) {
        faults.push(said!("{new} is the primary already.", "{new} 已经是主库。"));
    }
    match (straight(subject.group, Purpose::Write).first(), new) {
        (Some(old), Some(new)) if faults.is_empty() => Ok((old, new)),
        _ => Err(faults),
    }
}

/// The group with the roles the other way round; each keeps its share of the reads.
fn swapped(group: &ServiceGroup, old: &Instance, new: &Instance) -> ServiceGroup {
    let mut becomes = group.clone();
    for instance in &mut becomes.instances {
        if instance == old {
            instance.role = InstanceRole::Replica;
        } else if instance == new {
            instance.role = InstanceRole::Primary;
            instance.state = InstanceState::InService;
        }
    }
    becomes
}

fn semi_sync(instance: &Instance, on: bool) -> Step {
    Step::Server(ServerStep::SemiSync { host: instance.host.clone(), port: instance.port, on })
}
