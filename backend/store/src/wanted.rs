//! What people want of running work: read by its process at every look, from its task and its ticket at once.

use crate::{Error, cut_over, run::Lease};
use dbdesk_commands::wire::{cut_over::CutOver, throttle::Throttle};
use dbdesk_ticket::task::Wish;
use sqlx::{FromRow, mysql::MySqlExecutor};

/// What people want of a running task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// That it goes on, holds or ends.
    pub wish: Wish,
    /// The lag and load at which it waits.
    pub throttle: Throttle,
    /// When a copy that is complete takes its table's place.
    pub cut_over: Option<CutOver>,
}

#[derive(FromRow)]
struct WantedRow {
    wish: String,
    cut_over: Option<String>,
    max_lag_ms: Option<u64>,
    max_load: Option<u32>,
}

/// What people want of the task. `None`: the fence is closed.
pub async fn look(from: impl MySqlExecutor<'_>, lease: &Lease) -> Result<Option<Wanted>, Error> {
    let row: Option<WantedRow> = sqlx::query_as(
        "SELECT k.wish, k.cut_over, t.max_lag_ms, t.max_load FROM task k JOIN ticket t ON t.id = k.ticket_id \
         WHERE k.id = ? AND k.epoch = ? AND k.state IN ('running', 'paused')",
    )
    .bind(lease.task.0)
    .bind(lease.epoch)
    .fetch_optional(from)
    .await?;
    row.map(|row| {
        let strange = || Error::strange(format!("task {} has {}", lease.task, row.wish));
        let wish = Wish::of_word(&row.wish).ok_or_else(strange)?;
        let cut_over = cut_over::of_word(row.cut_over.as_deref(), lease.task)?;
        let throttle = Throttle { max_lag_ms: row.max_lag_ms, max_load: row.max_load };
        Ok(Wanted { wish, throttle, cut_over })
    })
    .transpose()
}
