//! The counters as Prometheus reads them.

use super::Failure;
use crate::desk::Desk;
use dbdesk_store::standing;

/// Counts what stands, then writes all. A store that is down leaves the last count.
pub async fn metrics(desk: &Desk) -> Result<String, Failure> {
    match tokio::try_join!(standing::tickets(&desk.store), standing::tasks(&desk.store)) {
        Ok((tickets, tasks)) => desk.metrics.standing(&tickets, &tasks),
        Err(error) => tracing::warn!(%error, "tickets and tasks can not be counted"),
    }
    Ok(desk.metrics.text().map_err(anyhow::Error::from)?)
}
