//! What a group's servers say beside what the inventory says: a difference has a sentence, and what mends the one or the other. Pure, and
//! linear in the number of servers.

use crate::group::{GroupStage, Instance, InstanceState, ServiceGroup};
use dbdesk_commands::{
    lang::{Said, said},
    wire::group::{InstanceLive, InstanceRole, SourceView},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Databases that one difference names.
const NAMED: usize = 20;

/// What one server said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its host by the inventory.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it says; nothing where it could not be asked.
    pub live: Option<InstanceLive>,
    /// Why not.
    pub unreachable: Option<String>,
    /// The databases that are there, without those of the server itself; asked of the primary alone.
    pub databases: Option<Vec<String>>,
}

/// A way in which servers and inventory differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Difference {
    /// The primary is another: the inventory's follows `to`, which takes writes.
    Moved {
        /// The inventory's primary.
        from: String,
        /// The one that is it.
        to: String,
    },
    /// The primary takes no writes.
    PrimaryReadOnly {
        /// Which.
        instance: String,
    },
    /// The primary follows somebody.
    PrimaryFollows {
        /// Which.
        instance: String,
        /// Whom.
        source: String,
    },
    /// A replica takes writes.
    Writable {
        /// Which.
        instance: String,
    },
    /// A replica follows nobody.
    FollowsNobody {
        /// Which.
        instance: String,
    },
    /// A replica follows somebody else than the primary.
    FollowsOther {
        /// Which.
        instance: String,
        /// Whom.
        source: String,
    },
    /// A replica has stopped.
    NotReplicating {
        /// Which.
        instance: String,
        /// The server's error, if it says one.
        why: String,
    },
    /// It is of another family or version than the group.
    OtherVersion {
        /// Which.
        instance: String,
        /// What it says.
        version: String,
    },
    /// The primary does not wait for replicas, and should, or the other way round.
    SemiSync {
        /// The primary.
        instance: String,
        /// Whether it should.
        should: bool,
    },
    /// Databases that the inventory does not have.
    UnknownDatabases {
        /// Their names.
        names: Vec<String>,
    },
    /// Databases that are not there.
    MissingDatabases {
        /// Their names.
        names: Vec<String>,
    },
}

/// One thing that is done to a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum ServerStep {
    /// It takes no writes any more, or takes them again.
    ReadOnly {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// Whether it takes none.
        on: bool,
    },
    /// It follows this server, from where it is by GTID.
    Follow {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// The source's host.
        source_host: String,
        /// The source's port.
        source_port: u16,
    },
    /// It goes on following whom it follows.
    StartReplica {
        /// Host.
        host: String,
        /// Port.
        port: u16,
    },
    /// It waits for a replica at each commit, or does not.
    SemiSync {
        /// Host.
        host: String,
        /// Port.
        port: u16,
        /// Whether it does.
        on: bool,
    },
}

impl ServerStep {
    /// The server that it is done to.
    #[must_use]
    pub fn at(&self) -> (&str, u16) {
        match self {
            Self::ReadOnly { host, port, .. }
            | Self::Follow { host, port, .. }
            | Self::StartReplica { host, port }
            | Self::SemiSync { host, port, .. } => (host, *port),
        }
    }
}

/// Everything that differs, in the order of the servers. What could not be asked differs in nothing: whether it is dead is not this
/// function's to say.
#[must_use]
pub fn differences(group: &ServiceGroup, seen: &[Seen]) -> Vec<Difference> {
    let mut found = Vec::new();
    // What is built, or was taken away, is as its ticket leaves it.
    let Some(primary) = group.primary().filter(|_| group.stage == GroupStage::InService) else {
        return found;
    };
    let answers: Vec<(&Instance, &Seen, &InstanceLive)> = group
        .instances
        .iter()
        .filter(|instance| instance.state != InstanceState::Building)
        .filter_map(|instance| {
            let seen = seen.iter().find(|seen| seen.host == instance.host && seen.port == instance.port)?;
            Some((instance, seen, seen.live.as_ref()?))
        })
        .collect();
    let of_source = |source: &SourceView| {
        let named = |(instance, _, live): &&(&Instance, &Seen, &InstanceLive)| {
            (source.server_id != 0 && live.server_id == source.server_id)
                || instance.to_string() == source.address
        };
        answers.iter().find(named).map(|(instance, _, live)| (*instance, *live))
    };
    let moved = moved(&answers, &of_source, primary);
    for (instance, seen, live) in &answers {
        let is_primary = *instance == primary;
        let is_moved = moved.as_ref().is_some_and(|(from, to)| [from, to].contains(&&instance.to_string()));
        if is_primary && !is_moved {
            of_primary(instance, live, &mut found);
        } else if !is_primary && !is_moved {
            let current = moved.as_ref().map_or_else(|| primary.to_string(), |(_, to)| to.clone());
            of_replica(instance, live, (&of_source, &current), &mut found);
        }
        if !fits(&group.flavour, &live.version) {
            let (instance, version) = (instance.to_string(), live.version.clone());
            found.push(Difference::OtherVersion { instance, version });
        }
        if is_primary && !is_moved {
            of_semi_sync(group, instance, live, &mut found);
        }
        if let Some(databases) = seen.databases.as_ref().filter(|_| is_primary) {
            of_databases(group, databases, &mut found);
        }
    }
    if let Some((from, to)) = moved {
        found.insert(0, Difference::Moved { from, to });
    }
    found
}

/// The inventory's primary takes no writes and follows one of the group that does, and follows nobody.
fn moved<'a>(
    answers: &[(&'a Instance, &Seen, &'a InstanceLive)],
    of_source: &impl Fn(&SourceView) -> Option<(&'a Instance, &'a InstanceLive)>,
    primary: &Instance,
) -> Option<(String, String)> {
    let (_, _, live) = answers.iter().find(|(instance, ..)| *instance == primary)?;
    let (to, its) = of_source(live.source.as_ref()?)?;
    (live.read_only && to != primary && !its.read_only && its.source.is_none())
        .then(|| (primary.to_string(), to.to_string()))
}

fn of_primary(instance: &Instance, live: &InstanceLive, found: &mut Vec<Difference>) {
    let name = instance.to_string();
    if live.read_only {
        found.push(Difference::PrimaryReadOnly { instance: name.clone() });
    }
    if let Some(source) = &live.source {
        found.push(Difference::PrimaryFollows { instance: name, source: source.address.clone() });
    }
}

fn of_replica<'a>(
    instance: &Instance,
    live: &InstanceLive,
    (of_source, current): (&impl Fn(&SourceView) -> Option<(&'a Instance, &'a InstanceLive)>, &str),
    found: &mut Vec<Difference>,
) {
    let name = instance.to_string();
    if !live.read_only {
        found.push(Difference::Writable { instance: name.clone() });
    }
    let Some(source) = &live.source else {
        // The account may not look at replication where nothing is said of it at all, and the server is no stranger.
        if live.replicating.is_none() && live.may_look {
            found.push(Difference::FollowsNobody { instance: name });
        }
        return;
    };
    if of_source(source).is_none_or(|(other, _)| other.to_string() != current) {
        found.push(Difference::FollowsOther { instance: name, source: source.address.clone() });
    } else if live.replicating == Some(false) {
        let why = live.trouble.clone().unwrap_or_default();
        found.push(Difference::NotReplicating { instance: name, why });
    }
}

fn of_semi_sync(group: &ServiceGroup, instance: &Instance, live: &InstanceLive, found: &mut Vec<Difference>) {
    if let Some(should) = group.semi_sync
        && live.semi_sync.unwrap_or(false) != should
    {
        found.push(Difference::SemiSync { instance: instance.to_string(), should });
    }
}

fn of_databases(group: &ServiceGroup, there: &[String], found: &mut Vec<Difference>) {
    let (wanted, there): (BTreeSet<&String>, BTreeSet<&String>) =
        (group.databases.iter().collect(), there.iter().collect());
    let names = |names: std::collections::btree_set::Difference<'_, &String>| -> Vec<String> {
        names.copied().cloned().collect()
    };
    let (unknown, missing) = (names(there.difference(&wanted)), names(wanted.difference(&there)));
    if !unknown.is_empty() {
        found.push(Difference::UnknownDatabases { names: unknown });
    }
    if !missing.is_empty() {
        found.push(Difference::MissingDatabases { names: missing });
    }
}

/// Whether a server that says this version is of this flavour: the family, and as many numbers as the flavour writes.
#[must_use]
pub fn fits(flavour: &str, version: &str) -> bool {
    let flavour = flavour.to_ascii_lowercase();
    let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
    if flavour.starts_with("mariadb") != is_mariadb {
        return false;
    }
    let numbers = |text: &str| -> Vec<u32> {
        let text = text.trim_start_matches(|c: char| !c.is_ascii_digit());
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        text[..end].split('.').map_while(|part| part.parse().ok()).collect()
    };
    let version = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let (wanted, there) = (numbers(&flavour), numbers(version));
    wanted.len() <= there.len() && wanted.iter().zip(&there).all(|(a, b)| a == b)
}

/// The flavour of a server that says this version: family, major and minor.
#[must_use]
pub fn flavour_of(version: &str) -> Option<String> {
    let is_mariadb = version.to_ascii_lowercase().contains("mariadb");
    let version = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
    let mut parts = version.split('.');
    let (major, minor) = (parts.next()?.parse::<u32>().ok()?, parts.next()?);
    let minor: String = minor.chars().take_while(char::is_ascii_digit).collect();
    let family = if is_mariadb { "mariadb" } else { "mysql" };
    (!minor.is_empty()).then(|| format!("{family}-{major}.{minor}"))
}

/// The group as it should stand in the inventory so that it says what the servers say; nothing where the inventory is not what is wrong.
#[must_use]
pub fn inventory_repaired(group: &ServiceGroup, differences: &[Difference]) -> Option<ServiceGroup> {
    let mut becomes = group.clone();
    for difference in differences {
        match difference {
            Difference::Moved { from, to } => {
                for instance in &mut becomes.instances {
                    let name = instance.to_string();
                    if name == *from {
                        instance.role = InstanceRole::Replica;
                    } else if name == *to {
                        instance.role = InstanceRole::Primary;
                        instance.state = InstanceState::InService;
                    }
                }
            }
            Difference::OtherVersion { instance, version } => {
                if group.primary().is_some_and(|primary| primary.to_string() == *instance)
                    && let Some(flavour) = flavour_of(version)
                {
                    becomes.flavour = flavour;
                }
            }
            Difference::UnknownDatabases { names } => becomes.databases.extend(names.iter().cloned()),
            Difference::MissingDatabases { names } => becomes.databases.retain(|name| !names.contains(name)),
            _ => {}
        }
    }
    becomes.databases.sort_unstable();
    becomes.databases.dedup();
    (becomes != *group).then_some(becomes)
}

/// What is done to the servers so that they are what the inventory says, in this order: nobody takes writes that he should not before
/// anybody follows anybody.
#[must_use]
pub fn servers_repaired(group: &ServiceGroup, differences: &[Difference]) -> Vec<ServerStep> {
    let Some(primary) = group.primary() else { return Vec::new() };
    let at = |name: &str| {
        let found = group.instances.iter().find(|instance| instance.to_string() == name);
        found.map(|instance| (instance.host.clone(), instance.port))
    };
    // Who is the primary is not mended from here: that is a switchover.
    if differences.iter().any(|difference| matches!(difference, Difference::Moved { .. })) {
        return Vec::new();
    }
    let (mut fences, mut follows, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for difference in differences {
        match difference {
            Difference::Writable { instance } => {
                fences.extend(at(instance).map(|(host, port)| ServerStep::ReadOnly { host, port, on: true }));
            }
            Difference::FollowsNobody { instance } | Difference::FollowsOther { instance, .. } => {
                follows.extend(at(instance).map(|(host, port)| ServerStep::Follow {
                    host,
                    port,
                    source_host: primary.host.clone(),
                    source_port: primary.port,
                }));
            }
            Difference::NotReplicating { instance, .. } => {
                rest.extend(at(instance).map(|(host, port)| ServerStep::StartReplica { host, port }));
            }
            Difference::PrimaryReadOnly { instance } => {
                rest.extend(at(instance).map(|(host, port)| ServerStep::ReadOnly { host, port, on: false }));
            }
            Difference::SemiSync { instance, should } => {
                rest.extend(at(instance).map(|(host, port)| ServerStep::SemiSync {
                    host,
                    port,
                    on: *should,
                }));
            }
            _ => {}
        }
    }
    fences.into_iter().chain(follows).chain(rest).collect()
}

impl Difference {
    /// What differs, for a person.
    #[must_use]
    pub fn said(&self) -> Said {
        match self {
            Self::Moved { from, to } => said!(
                "The primary is {to}; the inventory still says {from}, which follows it.",
                "主库已经是 {to}；清单里仍是 {from}，而它正在从 {to} 复制。"
            ),
            Self::PrimaryReadOnly { instance } => {
                said!(
                    "The primary {instance} takes no writes (read_only).",
                    "主库 {instance} 是只读的（read_only）。"
                )
            }
            Self::PrimaryFollows { instance, source } => said!(
                "{instance} is the primary by the inventory, but follows {source}.",
                "清单里 {instance} 是主库，但它正在从 {source} 复制。"
            ),
            Self::Writable { instance } => said!(
                "The replica {instance} takes writes (read_only is off).",
                "从库 {instance} 可写（read_only 已关闭）。"
            ),
            Self::FollowsNobody { instance } => {
                said!(
                    "{instance} is a replica by the inventory, but follows nobody.",
                    "清单里 {instance} 是从库，但它没有在复制。"
                )
            }
            Self::FollowsOther { instance, source } => said!(
                "{instance} follows {source}, not the primary.",
                "{instance} 正在从 {source} 复制，而不是主库。"
            ),
            Self::NotReplicating { instance, why } if why.is_empty() => {
                said!("{instance} has stopped following.", "{instance} 的复制已停止。")
            }
            Self::NotReplicating { instance, why } => {
                said!("{instance} has stopped following: {why}", "{instance} 的复制已停止：{why}")
            }
            Self::OtherVersion { instance, version } => said!(
                "{instance} says that it is {version}, which is not the flavour of the group.",
                "{instance} 的版本是 {version}，与服务组的 flavour 不符。"
            ),
            Self::SemiSync { instance, should: true } => said!(
                "The primary {instance} does not wait for a replica at commits (semi-sync is off).",
                "主库 {instance} 提交时不等待从库（半同步未开启）。"
            ),
            Self::SemiSync { instance, should: false } => said!(
                "The primary {instance} waits for a replica at commits (semi-sync is on), and should not.",
                "主库 {instance} 提交时等待从库（半同步已开启），与清单不符。"
            ),
            Self::UnknownDatabases { names } => said!(
                "Databases that the inventory does not have: {names}.",
                "清单里没有的数据库：{names}。",
                names = named(names)
            ),
            Self::MissingDatabases { names } => said!(
                "Databases of the inventory that are not there: {names}.",
                "清单里有但实际不存在的数据库：{names}。",
                names = named(names)
            ),
        }
    }
}

fn named(names: &[String]) -> String {
    let mut shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        shown.push_str(" …");
    }
    shown
}

#[cfg(test)]
mod tests;
