//! A service group's servers: what the inventory says beside what each says now.

use super::{
    Failure,
    reviewing::{group, options},
};
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::wire::group::{InstanceRole, InstanceView, Topology};
use dbdesk_components::mysql::probe;
use futures_util::{StreamExt as _, stream};
use std::time::Duration;

/// One server may take so long to connect, and again to answer.
const LIMIT: Duration = Duration::from_millis(1_500);
/// Servers asked at the same time.
const AT_ONCE: usize = 16;

/// Asks all of them at once.
pub async fn topology(desk: &Desk, within: &Within, name: &str) -> Result<Topology, Failure> {
    let group = group(desk, within, name).await?.group;
    let mut asked = Vec::with_capacity(group.instances.len());
    for instance in group.instances.clone() {
        let server = options(desk, &group, &instance);
        asked.push(async move { (instance, probe::instance(&server, LIMIT).await) });
    }
    let answers: Vec<_> = stream::iter(asked).buffered(AT_ONCE).collect().await;
    let mut instances: Vec<InstanceView> = answers
        .into_iter()
        .map(|(instance, answer)| {
            let (live, unreachable) = match answer {
                Ok(live) => (Some(live), None),
                Err(error) => (None, Some(error.to_string())),
            };
            InstanceView { host: instance.host, port: instance.port, role: instance.role, live, unreachable }
        })
        .collect();
    instances.sort_by_key(|instance| instance.role != InstanceRole::Primary);
    Ok(Topology { group: group.view(), instances })
}
