//! What a change of a service group comes to: a list of steps, made of the inventory and, where a plan needs it, of what the servers say.

use super::{Failure, group_look, packaging, refuse::invalid, reviewing::options};
use crate::desk::Desk;
use chrono::{DateTime, NaiveDateTime, Utc};
use dbdesk_cluster::{
    Workflow,
    plan::{
        LAG_MS, Subject,
        add_replica::{self, add_replica},
        backup, known,
        parameters::{self, parameters},
        part::{Part, part},
        remove_replica::remove_replica,
        restart::restart,
        retire::retire,
        switchover::{self, switchover},
    },
    step::{CopyBy, LeadsTo, Reading},
};
use dbdesk_cmdb::{DnsName, Host, Instance, Purpose, ServiceGroup, front::name_fault, window::instant};
use dbdesk_commands::{
    clock::Time,
    lang::{Said, said},
    wire::{
        problem::Refusal,
        workflow::{Change, CopyMethod, NamePurpose},
    },
};
use dbdesk_components::mysql::probe;
use dbdesk_store::{cluster_backup, host, instance, service_group::GroupRow};
use std::{collections::BTreeMap, net::IpAddr, time::Duration};

/// The port of a server that is given none.
const PORT: u16 = 3306;
/// How long an answer about a name is kept, where nobody says.
const TTL_S: u32 = 5;
/// A name leads to so many addresses at most.
const ADDRESSES: usize = 16;
/// Longest text of a change's fields.
const FIELD_CHARS: usize = 255;
/// A server has so long to connect, and again to answer.
const LIMIT: Duration = Duration::from_millis(1_500);

/// The steps of a change, or everything that speaks against it.
pub(super) async fn planned(desk: &Desk, row: &GroupRow, change: &Change) -> Result<Workflow, Failure> {
    let hosts = hosts(desk, &row.group, change).await?;
    let subject = Subject { group: &row.group, seen: row.version, hosts: &hosts };
    let plan = match change {
        Change::Switchover { to, most_lag_ms, primary_reads } => {
            let most_lag_ms = most_lag_ms.map_or(LAG_MS, u64::from);
            switchover(
                &subject,
                &switchover::Choice { to: to.trim(), most_lag_ms, primary_reads: *primary_reads },
            )
        }
        Change::AddReplica { host, port, .. } => {
            free(desk, &subject, host.trim(), port.unwrap_or(PORT)).await?;
            added(desk, &subject, change).await
        }
        Change::RemoveReplica { server } => {
            remove_replica(&subject, server.trim(), least_replicas(desk, &row.group).await?)
        }
        Change::Retire {} => retire(&subject),
        Change::Restart { to } => restart(&subject, to.as_deref().map(str::trim)),
        Change::Backup {} => backup::backup(&subject),
        Change::Compare {} => backup::compare(&subject),
        Change::RestoreTable { database, table, until, becomes } => {
            restored(desk, &subject, row, (database, table, until, becomes.as_deref())).await?
        }
        Change::Parameters { values, to } => {
            let now = now(desk, &row.group, &row.group.instances, values).await?;
            let choice = parameters::Choice { becomes: values, now: &now, to: to.as_deref().map(str::trim) };
            parameters(&subject, &choice)
        }
        Change::InstanceFollow { server, source } => {
            let (server, source) = (server.trim(), source.trim());
            let was = followed(desk, &row.group, server).await;
            part(&subject, &Part::Follow { server, source, was: was.as_deref() })
        }
        Change::InstanceParameters { server, values } => {
            let server = server.trim();
            let of: Vec<Instance> =
                row.group.instances.iter().filter(|one| one.to_string() == server).cloned().collect();
            let was = now(desk, &row.group, &of, values).await?.remove(server).unwrap_or_default();
            part(&subject, &Part::Parameters { server, becomes: values, was: &was })
        }
        Change::DnsSet { name, to, zone, ttl_s, purpose } => {
            let name = named(&row.group, name.trim(), zone.as_deref(), *ttl_s, *purpose)?;
            part(&subject, &Part::SetName { name: &name, to: &leads_to(to)? })
        }
        other => part(&subject, &one_part(other)?),
    };
    plan.map_err(|faults| invalid(all(&faults)).into())
}

/// A part that is asked for by words alone.
fn one_part(change: &Change) -> Result<Part<'_>, Refusal> {
    fn of(proxy: Option<&String>) -> Option<&str> {
        proxy.map(|proxy| proxy.trim())
    }
    let reads = |proxy, server, becomes| Part::Reads { proxy, server, becomes };
    Ok(match change {
        Change::ProxyHold { proxy } => Part::Hold { proxy: of(proxy.as_ref()) },
        Change::ProxyPoint { proxy, to } => Part::Point { proxy: of(proxy.as_ref()), to: to.trim() },
        Change::ProxyDrain { proxy, server } => reads(of(proxy.as_ref()), server.trim(), Reading::Drain),
        Change::ProxyReady { proxy, server } => reads(of(proxy.as_ref()), server.trim(), Reading::Ready),
        Change::ProxyWeight { proxy, server, weight } => {
            Part::Weight { proxy: of(proxy.as_ref()), server: server.trim(), weight: *weight }
        }
        Change::ProxyAdd { proxy, server, weight } => {
            Part::Add { proxy: of(proxy.as_ref()), server: server.trim(), weight: *weight }
        }
        Change::ProxyRemove { proxy, server } => {
            Part::Remove { proxy: of(proxy.as_ref()), server: server.trim() }
        }
        Change::VipMove { vip, to } => Part::MoveVip { vip: vip.trim(), on: to.trim() },
        Change::VipRelease { vip } => Part::ReleaseVip { vip: vip.trim() },
        Change::DnsRemove { name } => Part::RemoveName { name: name.trim() },
        Change::InstanceStart { server } => Part::Start { server: server.trim() },
        Change::InstanceStop { server } => Part::Stop { server: server.trim() },
        Change::InstanceReadOnly { server, on } => Part::ReadOnly { server: server.trim(), on: *on },
        _ => return Err(invalid(Said::fixed("This is not one part.", "这不是单个组件的修改。"))),
    })
}

/// How many replicas the group's package asks for; none, where it was built from none, or from one that is not there any more.
async fn least_replicas(desk: &Desk, group: &ServiceGroup) -> Result<usize, Failure> {
    let Some(name) = &group.package else { return Ok(0) };
    let (packages, _) = packaging::all(desk).await?;
    let package = packages.iter().find(|package| package.name == *name);
    Ok(package.map_or(0, |package| usize::from(package.replicas.least)))
}

/// Of the newest verified backup from before.
async fn restored(
    desk: &Desk,
    subject: &Subject<'_>,
    row: &GroupRow,
    (database, table, until, becomes): (&str, &str, &str, Option<&str>),
) -> Result<Result<Workflow, Vec<Said>>, Failure> {
    let until = past(until, &row.group, desk.clock.now())?;
    let table = table.trim();
    let of = cluster_backup::newest_before(&desk.store, row.id, until).await?;
    let of = of.ok_or_else(|| {
        let name = &row.group.name;
        invalid(said!(
            "There is no verified backup of {name} from before that moment. `/cluster backup` takes one for the next time.",
            "没有 {name} 在该时刻之前的已验证备份。可以用 `/cluster backup` 做一次备份，供以后使用。"
        ))
    })?;
    let stamp = until.format("%Y%m%d_%H%M%S");
    let becomes = becomes.map(str::trim).filter(|name| !name.is_empty());
    let becomes = becomes.map_or_else(|| format!("{table}_{stamp}"), str::to_owned);
    let choice = backup::Choice {
        backup: (&of.id, &of.host, &of.folder),
        database: database.trim(),
        table,
        becomes: &becomes,
        until,
    };
    let hosts = host::among(&desk.store, &[&of.host]).await?;
    let mut all = subject.hosts.to_vec();
    all.extend(hosts.into_iter().map(|row| row.host));
    Ok(backup::restore_table(&Subject { hosts: &all, ..*subject }, &choice))
}

/// A moment that is over, as people type it.
fn past(text: &str, group: &ServiceGroup, now: Time) -> Result<Time, Refusal> {
    let text = text.trim();
    let local = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let at = DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)).or_else(|| {
        let local = local("%Y-%m-%d %H:%M:%S").or_else(|| local("%Y-%m-%d %H:%M"))?;
        instant(local, group.time_zone)
    });
    at.filter(|at| *at <= now).ok_or_else(|| {
        let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
        invalid(said!(
            "“{shown}” is no moment that is over. Write it as `2026-11-28 14:05`, in the time of the service group.",
            "“{shown}”不是过去的时刻。请写成 `2026-11-28 14:05`（按服务组的时区）。"
        ))
    })
}

async fn added(desk: &Desk, subject: &Subject<'_>, change: &Change) -> Result<Workflow, Vec<Said>> {
    let Change::AddReplica { host, port, from, by, buffer_pool_mb, parameters, weight } = change else {
        return Err(Vec::new());
    };
    let seen = group_look::seen(desk, subject.group).await;
    let ids = seen.iter().filter_map(|one| u32::try_from(one.live.as_ref()?.server_id).ok());
    let server_ids: Vec<u32> = ids.collect();
    let by = by.map(|by| match by {
        CopyMethod::MariadbBackup => CopyBy::MariadbBackup,
        CopyMethod::Clone => CopyBy::Clone,
        CopyMethod::Dump => CopyBy::Dump,
    });
    let choice = add_replica::Choice {
        host: host.trim(),
        port: port.unwrap_or(PORT),
        from: from.as_deref().map(str::trim),
        by,
        buffer_pool_mb: *buffer_pool_mb,
        parameters,
        server_ids: &server_ids,
        weight: *weight,
    };
    add_replica(subject, &choice)
}

/// Whether no other group has a server there.
async fn free(desk: &Desk, subject: &Subject<'_>, host: &str, port: u16) -> Result<(), Failure> {
    let Some(found) = subject.hosts.iter().find(|one| one.name == host) else { return Ok(()) };
    let is_own = |one: &Instance| one.port == port && found.is(&one.host);
    if subject.group.instances.iter().any(is_own) {
        return Ok(());
    }
    for address in [&found.address, &found.name] {
        if instance::group_at(&desk.store, address, port).await?.is_some() {
            return Err(invalid(said!(
                "Another service group has a server at {address}:{port} already; choose another port. Nothing was filed.",
                "另一个服务组已经在 {address}:{port} 上有服务器，请换一个端口。没有提交工单。"
            ))
            .into());
        }
    }
    Ok(())
}

/// The hosts that the group's parts are on, and the one that is asked for.
async fn hosts(desk: &Desk, group: &ServiceGroup, change: &Change) -> Result<Vec<Host>, Failure> {
    let mut names = names_of_hosts(group);
    match change {
        Change::AddReplica { host, .. } => names.push(host.trim()),
        Change::VipMove { to, .. } => names.push(to.trim()),
        Change::Backup {} => names.extend(group.backup.as_ref().map(|plan| plan.on.as_str())),
        _ => {}
    }
    if names.iter().any(|name| name.chars().count() > FIELD_CHARS) {
        return Err(invalid(Said::fixed("A host's name is shorter than that.", "主机名太长。")).into());
    }
    let rows = host::among(&desk.store, &names).await?;
    Ok(rows.into_iter().map(|row| row.host).collect())
}

/// As what the hosts of a group's parts are written.
pub(super) fn names_of_hosts(group: &ServiceGroup) -> Vec<&str> {
    let servers = group.instances.iter().map(|one| one.host.as_str());
    let proxies = group.proxies.iter().map(|proxy| proxy.host.as_str());
    let vips = group.vips.iter().flat_map(|vip| vip.hosts.iter().map(String::as_str));
    let mut names: Vec<&str> = servers.chain(proxies).chain(vips).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What these options of these servers are now: what takes the change back needs it. Options that are not known are not asked for.
async fn now(
    desk: &Desk,
    group: &ServiceGroup,
    of: &[Instance],
    values: &BTreeMap<String, String>,
) -> Result<parameters::Now, Failure> {
    let names: Vec<&str> =
        values.keys().map(String::as_str).filter(|name| known::of(&group.flavour, name).is_some()).collect();
    let mut now = parameters::Now::new();
    if names.is_empty() || values.len() > known::AT_ONCE {
        return Ok(now);
    }
    for instance in of {
        let asked = probe::options(&options(desk, group, instance), &names, LIMIT).await;
        let found = asked.map_err(|error| away(instance, &error.to_string()))?;
        now.insert(instance.to_string(), found);
    }
    Ok(now)
}

/// Whom a replica follows now; the primary, where it does not say.
async fn followed(desk: &Desk, group: &ServiceGroup, server: &str) -> Option<String> {
    let instance = group.instances.iter().find(|one| one.to_string() == server)?;
    let live = probe::instance(&options(desk, group, instance), LIMIT).await.ok();
    match live {
        Some(live) => live.source.map(|source| source.address),
        None => group.primary().map(ToString::to_string),
    }
}

fn away(instance: &Instance, why: &str) -> Refusal {
    Refusal::new(
        dbdesk_commands::wire::problem::Code::TargetDown,
        said!(
            "{instance} does not answer, and what its parameters are now must be known: {why}. Nothing was filed.",
            "无法连接 {instance}，而修改前需要知道它现在的参数：{why}。没有提交工单。"
        ),
    )
}

/// A name as it is in the inventory, or as it comes to it.
fn named(
    group: &ServiceGroup,
    name: &str,
    zone: Option<&str>,
    ttl_s: Option<u32>,
    purpose: Option<NamePurpose>,
) -> Result<DnsName, Refusal> {
    let known = group.names.iter().find(|one| one.name == name);
    let usual = name.split_once('.').map_or("", |(_, zone)| zone);
    let zone = zone.map_or_else(|| known.map_or(usual, |known| known.zone.as_str()), str::trim);
    let found = DnsName {
        name: name.to_owned(),
        zone: zone.to_owned(),
        ttl_s: ttl_s.or(known.map(|known| known.ttl_s)).unwrap_or(TTL_S),
        purpose: match purpose {
            Some(NamePurpose::Write) => Purpose::Write,
            Some(NamePurpose::Read) => Purpose::Read,
            None => known.map_or(Purpose::Write, |known| known.purpose),
        },
    };
    match name_fault(&group.name, &found) {
        Some(fault) => Err(invalid(fault)),
        None => Ok(found),
    }
}

fn leads_to(to: &[String]) -> Result<LeadsTo, Refusal> {
    let addresses: Result<Vec<IpAddr>, _> = to.iter().map(|one| one.trim().parse()).collect();
    match (addresses, to) {
        (Ok(all), _) if (1..=ADDRESSES).contains(&all.len()) => Ok(LeadsTo::Addresses(all)),
        (Err(_), [name]) if is_dns(name.trim()) => Ok(LeadsTo::Name(name.trim().to_owned())),
        _ => Err(invalid(said!(
            "A name leads to 1 to {ADDRESSES} addresses, or to one other name.",
            "域名可以解析到 1 到 {ADDRESSES} 个地址，或者另一个域名。"
        ))),
    }
}

fn is_dns(name: &str) -> bool {
    let of = DnsName { name: name.to_owned(), zone: name.to_owned(), ttl_s: 1, purpose: Purpose::Write };
    name.contains('.') && name_fault("", &of).is_none()
}

/// All faults as one refusal, each in its line.
fn all(faults: &[Said]) -> Said {
    let en: Vec<&str> = faults.iter().map(|fault| &*fault.en).collect();
    let zh: Vec<&str> = faults.iter().map(|fault| &*fault.zh).collect();
    let (en, zh) = (en.join("\n"), zh.join("\n"));
    said!("{en}\nNothing was filed.", "{zh}\n没有提交工单。")
}
