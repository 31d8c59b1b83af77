//! The hosts of the inventory, as far as one must know who chooses one.

use super::Failure;
use crate::desk::Desk;
use dbdesk_cmdb::Host;
use dbdesk_commands::wire::cluster::{HostPage, HostView};
use dbdesk_store::{group_place, host};

/// The most that are listed to one who is typing.
pub(super) const TYPING: u32 = 25;

/// Those whose name begins with `prefix`, or all.
pub async fn list(desk: &Desk, prefix: Option<&str>) -> Result<HostPage, Failure> {
    let rows = match prefix {
        Some(prefix) => host::beginning(&desk.store, prefix.trim(), TYPING).await?,
        None => host::all(&desk.store).await?,
    };
    let hosts: Vec<Host> = rows.into_iter().map(|row| row.host).collect();
    Ok(HostPage { hosts: views(desk, &hosts).await? })
}

/// Each with how much of it is taken.
pub(super) async fn views(desk: &Desk, hosts: &[Host]) -> Result<Vec<HostView>, Failure> {
    let counts = group_place::ports(&desk.store).await?;
    let of = |host: &str| counts.get(host).copied().unwrap_or_default();
    let view = |host: &Host| HostView {
        name: host.name.clone(),
        address: host.address.clone(),
        memory_mb: host.memory_mb,
        labels: host.labels.clone(),
        taken: if host.name == host.address { of(&host.name) } else { of(&host.name) + of(&host.address) },
    };
    Ok(hosts.iter().map(view).collect())
}
