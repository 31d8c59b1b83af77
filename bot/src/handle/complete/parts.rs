//! Parts of a service group while they are typed: servers, proxies, virtual IPs, names, hosts, options of servers.

use super::{Choices, LIMIT, completes, fitting};
use crate::{
    backend::BackendError,
    handle::Desk,
    inbound::{Asker, Complete, Inbound},
};
use dbdesk_commands::{
    params::Typing,
    verbs::Completes,
    wire::{
        group::InstanceRole,
        workflow::{OptionPage, PartsView, ServerPart},
    },
};
use std::time::Duration;

/// What the inventory has of a service group.
pub(in crate::handle) async fn of(
    desk: &Desk,
    asker: &Asker,
    group: &str,
    limit: Duration,
) -> Result<PartsView, BackendError> {
    desk.backend.get(&asker.acting(), &["service-groups", group.trim(), "parts"], &[], limit).await
}

/// Those that fit what is typed.
pub(super) async fn offer(desk: &Desk, inbound: &Inbound, it: &Complete) -> Option<Choices> {
    let group = Some(it.group.trim()).filter(|name| !name.is_empty())?;
    let found = of(desk, &inbound.asker, group, LIMIT).await.ok()?;
    let typed = it.typed.trim();
    let server = |one: ServerPart| {
        let role = if one.role == InstanceRole::Primary { "primary" } else { "replica" };
        (format!("{} · {role}", one.server), one.server)
    };
    let same = |text: String| (text.clone(), text);
    Some(match completes(it)? {
        Completes::Replica => {
            let replicas = found.servers.into_iter().filter(|one| one.role == InstanceRole::Replica);
            fitting(replicas.map(server), typed)
        }
        Completes::Proxy => fitting(found.proxies.into_iter().map(|one| same(one.proxy)), typed),
        Completes::Vip => fitting(found.vips.into_iter().map(|one| same(one.vip)), typed),
        Completes::VipHost => {
            let mut hosts: Vec<String> = found.vips.into_iter().flat_map(|one| one.hosts).collect();
            hosts.sort_unstable();
            hosts.dedup();
            fitting(hosts.into_iter().map(same), typed)
        }
        Completes::Name => {
            let mut known = fitting(found.names.into_iter().map(|one| same(one.name)), typed);
            // One that is not there yet is typed as it is to be.
            if it.verb == "set" && typed.contains('.') && known.iter().all(|(_, name)| name != typed) {
                known.push(same(typed.to_owned()));
            }
            known
        }
        _ => fitting(found.servers.into_iter().map(server), typed),
    })
}

/// Options of servers that are not there yet, each with what it may be.
pub(super) async fn options(desk: &Desk, inbound: &Inbound, it: &Complete) -> Option<Choices> {
    let group = Some(it.group.trim()).filter(|name| !name.is_empty())?;
    let path = ["service-groups", group, "parameters"];
    let page: OptionPage = desk.backend.get(&inbound.asker.acting(), &path, &[], LIMIT).await.ok()?;
    let typing = Typing::of(&it.typed);
    if let Some(key) = &typing.key {
        let known = page.options.iter().find(|one| one.name == *key)?;
        let choices = known.choices.iter().filter(|value| value.starts_with(&typing.typed));
        let mut all: Vec<String> = choices.cloned().collect();
        if !typing.typed.is_empty() && !all.contains(&typing.typed) {
            all.push(typing.typed.clone());
        }
        let choice = |value: String| {
            let text = typing.with(key, Some(&value));
            (text.clone(), text)
        };
        return Some(all.into_iter().map(choice).collect());
    }
    let left = page
        .options
        .into_iter()
        .filter(|one| !typing.given.contains(&one.name) && one.name.contains(typing.typed.as_str()));
    let lang = inbound.asker.lang;
    let line = |one: dbdesk_commands::wire::workflow::OptionLine| {
        let text = typing.with(&one.name, None);
        (format!("{text} · {}", one.takes.in_lang(lang)), text)
    };
    Some(left.map(line).collect())
}

/// Of a host, what matters here.
#[derive(serde::Deserialize)]
struct Hosts {
    hosts: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: String,
}

/// Hosts of the inventory.
pub(super) async fn hosts(desk: &Desk, inbound: &Inbound, typed: &str) -> Option<Choices> {
    let query = [("prefix", typed)];
    let page: Hosts = desk.backend.get(&inbound.asker.acting(), &["hosts"], &query, LIMIT).await.ok()?;
    Some(page.hosts.into_iter().map(|host| (host.name.clone(), host.name)).collect())
}
