//! Applications that the desk knows, and from where they connect.

use super::Failure;
use crate::desk::Desk;
use dbdesk_commands::wire::account::{ApplicationPage, ApplicationView};

/// The most of one answer.
const MOST: usize = 25;

/// Those whose name holds `prefix`, by name.
#[expect(clippy::unused_async, reason = "as every verb")]
pub async fn list(desk: &Desk, prefix: &str) -> Result<ApplicationPage, Failure> {
    let prefix = prefix.trim().to_lowercase();
    let fitting =
        desk.config.account.application.iter().filter(|(name, _)| name.to_lowercase().contains(&prefix));
    let view = |(name, application): (&String, &crate::config::Application)| ApplicationView {
        name: name.clone(),
        hosts: application.hosts.clone(),
    };
    Ok(ApplicationPage { applications: fitting.map(view).take(MOST).collect() })
}
