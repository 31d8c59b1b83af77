//! One service group.

use super::{Failure, reviewing::any_group};
use crate::desk::Desk;
use dbdesk_cmdb::Within;
use dbdesk_commands::wire::group::GroupView;

/// Shows it.
pub async fn show(desk: &Desk, within: &Within, name: &str) -> Result<GroupView, Failure> {
    Ok(any_group(desk, within, name).await?.group.view())
}
