//! Service groups, by name.

use super::Failure;
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::wire::group::GroupPage;
use dbdesk_store::service_group;

/// The most that are listed to one who is typing.
const TYPING: u32 = 25;

/// Those whose name holds `prefix` (those that begin with it first), or all.
pub async fn list(desk: &Desk, within: &Within, prefix: Option<&str>) -> Result<GroupPage, Failure> {
    let rows = match prefix {
        Some(prefix) => {
            service_group::matching(&desk.store, within, &prefix.trim().to_lowercase(), TYPING).await?
        }
        None => service_group::all(&desk.store, within).await?,
    };
    Ok(GroupPage { groups: rows.iter().map(|row| row.group.view()).collect() })
}
