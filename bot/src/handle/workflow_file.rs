//! A change of a service group that was typed: what each command asks for, and the ticket that comes of it.

use super::{
    Desk, account_request::given, cluster_add_replica, cluster_backup, cluster_compare, cluster_parameters,
    cluster_remove_replica, cluster_restart, cluster_restore_table, cluster_retire, cluster_switchover,
    dns_remove, dns_set, finish, instance_follow, instance_parameters, instance_read_only, instance_start,
    instance_stop, proxy_add, proxy_drain, proxy_hold, proxy_point, proxy_ready, proxy_remove, proxy_weight,
    sorry, sql_submit::told_with_thread, vip_move, vip_release,
};
use crate::{
    backend::BackendError,
    inbound::{
        Inbound,
        parts::{ChangeVerb, Typed},
    },
    reply::problem,
    rest::RestError,
};
use dbdesk_commands::{
    lang::{Said, said},
    params,
    wire::{
        ticket::TicketView,
        workflow::{Change, WorkflowRequest},
    },
};
use std::{collections::BTreeMap, str::FromStr};

/// Files it, and says where its thread is.
pub async fn file(desk: &Desk, inbound: &Inbound, it: &Typed) -> Result<(), RestError> {
    let change = match change(it) {
        Ok(change) => change,
        Err(Said { en, zh }) => {
            let title = Said::fixed("This can not be read", "无法读懂");
            let said = said!("{en} Nothing was filed.", "{zh}没有提交工单。");
            return finish(desk, inbound, problem::boxed(&title, &said, inbound.asker.lang)).await;
        }
    };
    let body = WorkflowRequest {
        change,
        before: Vec::new(),
        after: Vec::new(),
        reason: it.reason.trim().to_owned(),
        when: given(&it.time),
        lang: Some(inbound.asker.lang),
    };
    let path = ["service-groups", it.group.trim(), "workflows"];
    let filed: Result<TicketView, BackendError> =
        desk.backend.post(&inbound.asker.acting(), inbound.handle.id, &path, &body).await;
    match filed {
        Ok(ticket) => told_with_thread(desk, inbound, &ticket).await,
        Err(error) => finish(desk, inbound, sorry(&error, inbound)).await,
    }
}

/// What is asked for.
///
/// # Errors
/// What was typed is no number, or no `name=value`.
pub fn change(it: &Typed) -> Result<Change, Said> {
    Ok(match it.verb {
        ChangeVerb::ClusterSwitchover => return cluster_switchover::change(it),
        ChangeVerb::ClusterAddReplica => return cluster_add_replica::change(it),
        ChangeVerb::ClusterRemoveReplica => cluster_remove_replica::change(it),
        ChangeVerb::ClusterRetire => cluster_retire::change(),
        ChangeVerb::ClusterRestart => cluster_restart::change(it),
        ChangeVerb::ClusterBackup => cluster_backup::change(),
        ChangeVerb::ClusterRestoreTable => cluster_restore_table::change(it),
        ChangeVerb::ClusterCompare => cluster_compare::change(),
        ChangeVerb::ClusterParameters => return cluster_parameters::change(it),
        ChangeVerb::ProxyHold => proxy_hold::change(it),
        ChangeVerb::ProxyPoint => proxy_point::change(it),
        ChangeVerb::ProxyDrain => proxy_drain::change(it),
        ChangeVerb::ProxyReady => proxy_ready::change(it),
        ChangeVerb::ProxyWeight => return proxy_weight::change(it),
        ChangeVerb::ProxyAdd => return proxy_add::change(it),
        ChangeVerb::ProxyRemove => proxy_remove::change(it),
        ChangeVerb::VipMove => vip_move::change(it),
        ChangeVerb::VipRelease => vip_release::change(it),
        ChangeVerb::DnsSet => return dns_set::change(it),
        ChangeVerb::DnsRemove => dns_remove::change(it),
        ChangeVerb::InstanceStart => instance_start::change(it),
        ChangeVerb::InstanceStop => instance_stop::change(it),
        ChangeVerb::InstanceReadOnly => instance_read_only::change(it),
        ChangeVerb::InstanceFollow => instance_follow::change(it),
        ChangeVerb::InstanceParameters => return instance_parameters::change(it),
    })
}

/// A number that was typed, or nothing.
pub(super) fn number<T: FromStr>(option: &str, text: &str) -> Result<Option<T>, Said> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let shown: String = text.chars().take(32).collect();
    text.parse().map(Some).map_err(|_| {
        said!("`{option}` is “{shown}”, which is no such number.", "`{option}` 是“{shown}”，不是有效的数字。")
    })
}

/// A number that must be there.
pub(super) fn needed<T: FromStr>(option: &str, text: &str) -> Result<T, Said> {
    number(option, text)?.ok_or_else(|| said!("`{option}` is missing.", "缺少 `{option}`。"))
}

/// `name=value …` that was typed.
pub(super) fn values(text: &str) -> Result<BTreeMap<String, String>, Said> {
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    Ok(params::parse(text)?.into_iter().collect())
}
