//! One part by itself: a proxy, a virtual IP, a name, a server. For the odd case, so that none needs a change by hand.

use super::{Subject, follow, known, read_only, reader, reading};
use crate::{
    step::{LeadsTo, Reader, Reading, Step},
    workflow::{Aim, Workflow},
};
use dbdesk_cmdb::{DnsName, Instance, InstanceState, Proxy, ServiceGroup, Vip};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::InstanceRole,
};
use std::{collections::BTreeMap, net::IpAddr};

/// What is asked of a part. Servers and proxies are `host:port`; a proxy that is left out is the only one, or, for reads, each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// New connections for writes wait.
    Hold {
        /// Which proxy.
        proxy: Option<&'a str>,
    },
    /// New connections for writes go there.
    Point {
        /// Which proxy.
        proxy: Option<&'a str>,
        /// There.
        to: &'a str,
    },
    /// A server is asked for no new reads, or is again.
    Reads {
        /// Which proxy.
        proxy: Option<&'a str>,
        /// Which server.
        server: &'a str,
        /// For what it is asked.
        becomes: Reading,
    },
    /// A server's share of the reads.
    Weight {
        /// Which proxy.
        proxy: Option<&'a str>,
        /// Which server.
        server: &'a str,
        /// Its share.
        weight: u8,
    },
    /// A server comes to the reading pool.
    Add {
        /// Which proxy.
        proxy: Option<&'a str>,
        /// Which server.
        server: &'a str,
        /// Its share; left out: that of the inventory.
        weight: Option<u8>,
    },
    /// A server leaves the reading pool.
    Remove {
        /// Which proxy.
        proxy: Option<&'a str>,
        /// Which server.
        server: &'a str,
    },
    /// A virtual IP goes to a host.
    MoveVip {
        /// Its address.
        vip: &'a str,
        /// The host, by name or address.
        on: &'a str,
    },
    /// A virtual IP is on no host.
    ReleaseVip {
        /// Its address.
        vip: &'a str,
    },
    /// A name leads there.
    SetName {
        /// The name.
        name: &'a DnsName,
        /// There.
        to: &'a LeadsTo,
    },
    /// A name leads nowhere.
    RemoveName {
        /// The name.
        name: &'a str,
    },
    /// A server runs.
    Start {
        /// Which.
        server: &'a str,
    },
    /// A server is shut down.
    Stop {
        /// Which.
        server: &'a str,
    },
    /// A server takes no writes, or takes them.
    ReadOnly {
        /// Which.
        server: &'a str,
        /// Whether it takes none.
        on: bool,
    },
    /// A replica follows another server.
    Follow {
        /// The replica.
        server: &'a str,
        /// Whom.
        source: &'a str,
        /// Whom it follows now.
        was: Option<&'a str>,
    },
    /// Options of one server.
    Parameters {
        /// Which.
        server: &'a str,
        /// By name, what they become.
        becomes: &'a BTreeMap<String, String>,
        /// What they are.
        was: &'a BTreeMap<String, String>,
    },
}

/// The plan.
///
/// # Errors
/// Everything that speaks against it.
pub fn part(subject: &Subject<'_>, asked: &Part<'_>) -> Result<Workflow, Vec<Said>> {
    if let Some(fault) = subject.standing() {
        return Err(vec![fault]);
    }
    let steps = match asked {
        Part::Hold { .. }
        | Part::Point { .. }
        | Part::Reads { .. }
        | Part::Weight { .. }
        | Part::Add { .. }
        | Part::Remove { .. } => proxy(subject, asked),
        Part::MoveVip { vip, on } => moved(subject, vip, on),
        Part::ReleaseVip { vip } => found_vip(subject, vip)
            .map(|vip| vec![Step::ReleaseVip { vip: vip.clone(), was: lone_host(subject, vip) }]),
        Part::SetName { name, to } => Ok(set_name(subject, name, to)),
        Part::RemoveName { name } => remove_name(subject, name),
        Part::Start { .. } | Part::Stop { .. } | Part::ReadOnly { .. } | Part::Follow { .. } => {
            server(subject, asked)
        }
        Part::Parameters { server, becomes, was } => return parameters(subject, server, becomes, was),
    };
    steps.map(|steps| workflow(subject, steps)).map_err(|fault| vec![fault])
}

fn workflow(subject: &Subject<'_>, steps: Vec<Step>) -> Workflow {
    let group = subject.group.name.clone();
    Workflow { aim: Aim::Part, group, seen: subject.seen, document: None, steps }
}

fn proxy(subject: &Subject<'_>, asked: &Part<'_>) -> Result<Vec<Step>, Said> {
    let group = subject.group;
    Ok(match asked {
        Part::Hold { proxy } => {
            let proxy = subject.proxy(*proxy)?.clone();
            vec![Step::HoldWriter { proxy, was: primary(group)?.to_string() }]
        }
        Part::Point { proxy, to } => {
            let (proxy, to) = (subject.proxy(*proxy)?.clone(), subject.instance(to)?);
            let was = primary(group)?;
            // Pointed where it should be already, it is one that was held.
            let was = (was != to).then(|| was.to_string());
            vec![Step::PointWriter { proxy, to: to.to_string(), was }]
        }
        Part::Reads { proxy, server, becomes } => {
            let one = subject.instance(server)?;
            let was = if one.state == InstanceState::Drained { Reading::Drain } else { Reading::Ready };
            let was = if was == *becomes { other(was) } else { was };
            let set = |proxy: &Proxy| Step::SetReader {
                proxy: proxy.clone(),
                reader: one.to_string(),
                becomes: *becomes,
                was,
            };
            let mut steps: Vec<Step> = readers(subject, *proxy)?.into_iter().map(set).collect();
            if proxy.is_none() && one.role == InstanceRole::Replica {
                let state = if *becomes == Reading::Ready {
                    InstanceState::InService
                } else {
                    InstanceState::Drained
                };
                steps.extend(changed(group, one, |one| one.state = state));
            }
            steps
        }
        Part::Weight { proxy, server, weight } => {
            let one = subject.instance(server)?;
            let set = |proxy: &Proxy| Step::WeighReader {
                proxy: proxy.clone(),
                reader: one.to_string(),
                becomes: u16::from(*weight),
                was: reader(one).weight,
            };
            let mut steps: Vec<Step> = readers(subject, *proxy)?.into_iter().map(set).collect();
            if proxy.is_none() {
                steps.extend(changed(group, one, |one| one.weight = Some(*weight)));
            }
            steps
        }
        Part::Add { proxy, server, weight } => {
            let one = subject.instance(server)?;
            let usual = reader(one);
            let reader = Reader { weight: weight.map_or(usual.weight, u16::from), ..usual };
            let add = |proxy: &Proxy| Step::AddReader { proxy: proxy.clone(), reader: reader.clone() };
            readers(subject, *proxy)?.into_iter().map(add).collect()
        }
        Part::Remove { proxy, server } => {
            let one = subject.instance(server)?;
            let remove = |proxy: &Proxy| Step::RemoveReader { proxy: proxy.clone(), reader: reader(one) };
            readers(subject, *proxy)?.into_iter().map(remove).collect()
        }
        _ => Vec::new(),
    })
}

fn other(reading: Reading) -> Reading {
    if reading == Reading::Ready { Reading::Drain } else { Reading::Ready }
}

/// The proxies whose reading pool is meant.
fn readers<'a>(subject: &Subject<'a>, named: Option<&str>) -> Result<Vec<&'a Proxy>, Said> {
    let name = &subject.group.name;
    let found: Vec<&Proxy> = match named {
        None => reading(subject.group).collect(),
        Some(_) => vec![subject.proxy(named)?],
    };
    if found.is_empty() || found.iter().any(|proxy| proxy.read_port.is_none()) {
        return Err(said!(
            "No proxy of {name} that is meant has a port for reads.",
            "{name} 的相应代理没有读端口。"
        ));
    }
    Ok(found)
}

/// The inventory with something else of one server, where that is something else.
fn changed(group: &ServiceGroup, of: &Instance, change: impl Fn(&mut Instance)) -> Option<Step> {
    let mut becomes = group.clone();
    becomes.instances.iter_mut().filter(|one| *one == of).for_each(change);
    (becomes != *group).then(|| Subject::inventory(group, &becomes))
}

fn primary(group: &ServiceGroup) -> Result<&Instance, Said> {
    group.primary().ok_or_else(|| said!("{group} has no primary.", "{group} 没有主库。", group = group.name))
}

fn found_vip<'a>(subject: &Subject<'a>, named: &str) -> Result<&'a Vip, Said> {
    let address = named.parse::<IpAddr>().ok();
    subject.group.vips.iter().find(|vip| Some(vip.address) == address).ok_or_else(|| {
        let there = super::list(&subject.group.vips);
        let group = &subject.group.name;
        if there.is_empty() {
            said!("{group} has no virtual IPs.", "{group} 没有虚拟 IP。")
        } else {
            said!(
                "“{named}” is no virtual IP of {group}; it has {there}.",
                "“{named}”不是 {group} 的虚拟 IP；现有 {there}。"
            )
        }
    })
}

fn moved(subject: &Subject<'_>, vip: &str, on: &str) -> Result<Vec<Step>, Said> {
    let vip = found_vip(subject, vip)?;
    let host = subject.host(on).filter(|host| vip.hosts.iter().any(|one| host.is(one)));
    let host = host.ok_or_else(|| {
        let may = vip.hosts.join(", ");
        said!(
            "The virtual IP {vip} can not be on “{on}”; it may be on {may}.",
            "虚拟 IP {vip} 不能放到“{on}”；可以放到 {may}。"
        )
    })?;
    // Of two hosts it was on the other one; of more, its way back is to none.
    let others: Vec<&String> = vip.hosts.iter().filter(|one| !host.is(one)).collect();
    let was = match others.as_slice() {
        [other] => subject.host(other).map(|other| other.name.clone()),
        _ => None,
    };
    Ok(vec![Step::TakeVip { vip: vip.clone(), on: host.name.clone(), was }])
}

fn lone_host(subject: &Subject<'_>, vip: &Vip) -> Option<String> {
    match vip.hosts.as_slice() {
        [only] => subject.host(only).map(|host| host.name.clone()),
        _ => None,
    }
}

fn set_name(subject: &Subject<'_>, name: &DnsName, to: &LeadsTo) -> Vec<Step> {
    let group = subject.group;
    let known = group.names.iter().find(|one| one.name == name.name);
    let was = known.and_then(|known| subject.name_leads(known.purpose));
    let mut steps = vec![Step::PutName { name: name.clone(), to: to.clone(), was }];
    if known != Some(name) {
        let mut becomes = group.clone();
        becomes.names.retain(|one| one.name != name.name);
        becomes.names.push(name.clone());
        steps.push(Subject::inventory(group, &becomes));
    }
    steps
}

fn remove_name(subject: &Subject<'_>, named: &str) -> Result<Vec<Step>, Said> {
    let group = subject.group;
    let name = group.names.iter().find(|one| one.name == named).ok_or_else(|| {
        let there: Vec<&str> = group.names.iter().map(|one| one.name.as_str()).collect();
        said!(
            "“{named}” is no name of {group}; it has: {there}.",
            "“{named}”不是 {group} 的域名；现有：{there}。",
            group = group.name,
            there = there.join(", ")
        )
    })?;
    let mut becomes = group.clone();
    becomes.names.retain(|one| one != name);
    let mut steps = Vec::new();
    if let Some(was) = subject.name_leads(name.purpose) {
        steps.push(Step::RemoveName { name: name.clone(), was });
    }
    steps.push(Subject::inventory(group, &becomes));
    Ok(steps)
}

fn server(subject: &Subject<'_>, asked: &Part<'_>) -> Result<Vec<Step>, Said> {
    Ok(match asked {
        Part::Start { server } => vec![Step::StartInstance { at: subject.at(subject.instance(server)?)? }],
        Part::Stop { server } => vec![Step::StopInstance { at: subject.at(subject.instance(server)?)? }],
        Part::ReadOnly { server, on } => vec![read_only(subject.instance(server)?, *on)],
        Part::Follow { server, source, was } => followed(subject, (server, source), *was)?,
        _ => Vec::new(),
    })
}

fn followed(
    subject: &Subject<'_>,
    (server, source): (&str, &str),
    was: Option<&str>,
) -> Result<Vec<Step>, Said> {
    let (replica, source) = (subject.instance(server)?, subject.instance(source)?);
    if replica == source {
        return Err(said!("{replica} can not follow itself.", "{replica} 不能从自己复制。"));
    }
    if replica.role == InstanceRole::Primary {
        return Err(said!(
            "{replica} is the primary and follows nobody. Another becomes the primary by `/cluster switchover`.",
            "{replica} 是主库，不从任何服务器复制。切换主库请用 `/cluster switchover`。"
        ));
    }
    let mut steps = Vec::new();
    if let Some(was) = was.filter(|was| *was != source.to_string()) {
        steps.push(Step::Unfollow { host: replica.host.clone(), port: replica.port, was: was.to_owned() });
    }
    steps.push(follow(replica, source));
    Ok(steps)
}

fn parameters(
    subject: &Subject<'_>,
    server: &str,
    becomes: &BTreeMap<String, String>,
    was: &BTreeMap<String, String>,
) -> Result<Workflow, Vec<Said>> {
    let mut faults = Vec::new();
    let instance =
        subject.instance(server).and_then(|one| subject.at(one)).map_err(|fault| faults.push(fault));
    if becomes.is_empty() {
        faults.push(Said::fixed("No parameters are given.", "没有写明要修改的参数。"));
    }
    if let Err(found) = known::check(&subject.group.flavour, becomes) {
        faults.extend(found);
    }
    let (Ok(at), true) = (instance, faults.is_empty()) else { return Err(faults) };
    let set = Step::SetParameters {
        at,
        becomes: becomes.iter().map(|(name, value)| (name.clone(), Some(value.clone()))).collect(),
        was: becomes.keys().map(|name| (name.clone(), was.get(name).cloned())).collect(),
    };
    Ok(workflow(subject, vec![set]))
}
