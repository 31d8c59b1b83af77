//! What stands in front of the servers: proxies, virtual IPs, names.

use super::{Around, Trouble};
use crate::run::machines::{dns_name, plain};
use dbdesk_cluster::step::{LeadsTo, Reader, Reading, Step};
use dbdesk_cmdb::{DnsName, Proxy, Vip};
use dbdesk_commands::lang::said;
use dbdesk_components::{
    dns::{Kind, RecordSet},
    proxy::{Address, Pool, ServerName, State, Weight},
    vip::{IpVip, Vip as _},
};
use std::{fmt, net::IpAddr};

pub(super) async fn done(step: &Step, around: &Around) -> Result<(), Trouble> {
    match step {
        Step::MakeProxy { on, spec } => {
            Ok(around.hosts().made(on, (&spec.group, &spec.proxy))?.make(spec).await?)
        }
        Step::RemoveProxy { on, spec } => {
            Ok(around.hosts().made(on, (&spec.group, &spec.proxy))?.remove().await?)
        }
        Step::TakeVip { vip, on, .. } => take(&around.hosts().vip(vip)?, vip, on, around).await,
        Step::ReleaseVip { vip, .. } => release(&around.hosts().vip(vip)?, None).await,
        Step::PutName { name, to, .. } => put_name(name, to, around).await,
        Step::RemoveName { name, .. } => {
            let names = around.hosts().names(&name.zone)?;
            let name = dns_name(&name.name)?;
            for kind in Kind::ALL {
                names.remove(&name, kind).await?;
            }
            Ok(())
        }
        _ => in_pools(step, around).await,
    }
}

/// What changes a proxy's pools; its file says the same afterwards.
async fn in_pools(step: &Step, around: &Around) -> Result<(), Trouble> {
    let (proxy, keeps) = match step {
        Step::HoldWriter { proxy, .. } | Step::EndWrites { proxy } => (proxy, false),
        Step::PointWriter { proxy, .. }
        | Step::AddReader { proxy, .. }
        | Step::RemoveReader { proxy, .. }
        | Step::SetReader { proxy, .. }
        | Step::WeighReader { proxy, .. } => (proxy, true),
        _ => return Err(Trouble::stays(said!("this is no step of a proxy", "这不是代理的步骤"))),
    };
    let spoken = around.hosts().proxy(&around.group.name, proxy)?;
    match step {
        Step::HoldWriter { .. } => spoken.hold_writer().await?,
        Step::PointWriter { to, .. } => spoken.point_writer(&address(to)?).await?,
        Step::EndWrites { .. } => {
            for server in spoken.pools().await?.writer {
                spoken.shutdown_sessions(Pool::Writer, &server.name).await?;
            }
        }
        Step::AddReader { reader: Reader { address: at, weight }, .. } => {
            let there = spoken.pools().await?;
            if there.server(Pool::Reader, &named(at)?).is_none() {
                spoken.add_server(Pool::Reader, &named(at)?, &address(at)?, weighed(*weight)?).await?;
            }
        }
        Step::RemoveReader { reader, .. } => {
            let name = named(&reader.address)?;
            if spoken.pools().await?.server(Pool::Reader, &name).is_some() {
                spoken.set_state(Pool::Reader, &name, State::Maint).await?;
                spoken.shutdown_sessions(Pool::Reader, &name).await?;
                spoken.remove_server(Pool::Reader, &name).await?;
            }
        }
        Step::SetReader { reader, becomes, .. } => {
            let state = match becomes {
                Reading::Ready => State::Ready,
                Reading::Drain => State::Drain,
                Reading::Maint => State::Maint,
            };
            spoken.set_state(Pool::Reader, &named(reader)?, state).await?;
        }
        Step::WeighReader { reader, becomes, .. } => {
            spoken.set_weight(Pool::Reader, &named(reader)?, weighed(*becomes)?).await?;
        }
        _ => {}
    }
    if keeps { kept(proxy, around).await } else { Ok(()) }
}

/// One that the desk made, on a host of the inventory, keeps it over a restart.
async fn kept(proxy: &Proxy, around: &Around) -> Result<(), Trouble> {
    if proxy.kind != dbdesk_cmdb::ProxyKind::Haproxy || around.hosts().row(&proxy.host).is_err() {
        return Ok(());
    }
    Ok(around.hosts().made(&proxy.host, (&around.group.name, proxy))?.keep().await?)
}

async fn take(spoken: &IpVip, vip: &Vip, on: &str, around: &Around) -> Result<(), Trouble> {
    let hosts = around.hosts();
    let (host, row) = hosts.host(on)?;
    if !vip.hosts.iter().any(|host| row.is(host)) {
        return Err(Trouble::stays(said!(
            "the virtual IP {vip} may not be on {on}",
            "虚拟 IP {vip} 不允许放在 {on} 上"
        )));
    }
    release(spoken, Some(host.name())).await?;
    Ok(spoken.take(host.name(), &[]).await?)
}

/// From every host but this one.
async fn release(spoken: &IpVip, but: Option<&str>) -> Result<(), Trouble> {
    for host in spoken.held_by().await?.by {
        if Some(host.as_str()) != but {
            spoken.release(&host).await?;
        }
    }
    Ok(())
}

async fn put_name(name: &DnsName, to: &LeadsTo, around: &Around) -> Result<(), Trouble> {
    let names = around.hosts().names(&name.zone)?;
    let at = dns_name(&name.name)?;
    let sets: Vec<RecordSet> = records(to, name.ttl_s)?;
    for kind in Kind::ALL {
        if sets.iter().all(|set| set.kind() != kind) {
            names.remove(&at, kind).await?;
        }
    }
    for set in &sets {
        names.put(&at, set).await?;
    }
    Ok(())
}

fn records(to: &LeadsTo, ttl_s: u32) -> Result<Vec<RecordSet>, Trouble> {
    let stays = |error: &dyn fmt::Display| Trouble::stays(plain(error));
    let LeadsTo::Addresses(all) = to else {
        let set = RecordSet::parse(Kind::Cname, ttl_s, [to.to_string().as_str()]);
        return Ok(vec![set.map_err(|error| stays(&error))?]);
    };
    let mut sets = Vec::new();
    for (kind, of) in [(Kind::A, IpAddr::is_ipv4 as fn(&IpAddr) -> bool), (Kind::Aaaa, IpAddr::is_ipv6)] {
        let texts: Vec<String> = all.iter().filter(|address| of(address)).map(ToString::to_string).collect();
        if !texts.is_empty() {
            let set = RecordSet::parse(kind, ttl_s, texts.iter().map(String::as_str));
            sets.push(set.map_err(|error| stays(&error))?);
        }
    }
    Ok(sets)
}

fn address(text: &str) -> Result<Address, Trouble> {
    text.parse().map_err(|error| Trouble::stays(plain(&error)))
}

fn named(text: &str) -> Result<ServerName, Trouble> {
    text.parse().map_err(|error| Trouble::stays(plain(&error)))
}

fn weighed(weight: u16) -> Result<Weight, Trouble> {
    Weight::new(weight).map_err(|error| Trouble::stays(plain(&error)))
}
