//! The counters as Prometheus reads them.

use super::Failure;
use crate::{desk::Desk, task_metrics::Seen};
use dbdesk_cmdb::Within;
use dbdesk_store::{Error, audit, entry, run::LEASE_MS, standing};
use std::sync::atomic::Ordering;

/// Most entries of the log that one look counts.
const ENTRIES: u32 = 5_000;

/// Counts what stands and what happened, then writes all. A store that is down leaves the last count.
pub async fn metrics(desk: &Desk) -> Result<String, Failure> {
    if let Err(error) = look(desk).await {
        tracing::warn!(%error, "tickets and tasks can not be counted");
    }
    Ok(desk.metrics.text().map_err(anyhow::Error::from)?)
}

async fn look(desk: &Desk) -> Result<(), Error> {
    let store = &desk.store;
    let (tickets, tasks) = tokio::try_join!(standing::tickets(store), standing::tasks(store))?;
    desk.metrics.standing(&tickets, &tasks);
    let (open, due, controls, oldest_heartbeat_ms) = tokio::try_join!(
        standing::open(store, &Within::All),
        standing::due(store),
        standing::controls(store),
        standing::oldest_heartbeat_ms(store, LEASE_MS)
    )?;
    desk.metrics.audited(audit::head(store).await?.0);
    desk.metrics.of_tasks.standing(&Seen { open, due, controls, oldest_heartbeat_ms });
    happened(desk).await
}

/// Counts what the log tells since the last look. Two scrapes at once count each entry once.
async fn happened(desk: &Desk) -> Result<(), Error> {
    let counted = &desk.metrics.counted;
    let from = counted.load(Ordering::Acquire);
    if from == 0 {
        // What happened before this process began is nobody's news.
        let newest = entry::newest(&desk.store).await?.max(1);
        let _ = counted.compare_exchange(0, newest, Ordering::AcqRel, Ordering::Acquire);
        return Ok(());
    }
    let (happened, to) = entry::happened(&desk.store, from, ENTRIES).await?;
    if counted.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok() {
        for what in &happened {
            desk.metrics.of_tasks.happened(what);
        }
    }
    Ok(())
}
