//! One service group.

use super::{Failure, reviewing::group};
use crate::desk::Desk;
use dbdesk_commands::wire::group::GroupView;

/// Shows it.
pub async fn show(desk: &Desk, name: &str) -> Result<GroupView, Failure> {
    Ok(group(desk, name).await?.group.view())
}
