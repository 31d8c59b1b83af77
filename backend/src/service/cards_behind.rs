//! Tickets whose card or thread is behind their log: answered at once when there are some, else as soon as there are.

use super::Failure;
use crate::desk::Desk;
use dbdesk_commands::wire::card::CardsBehind;
use dbdesk_store::ticket;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The most of one answer.
const MOST: u32 = 50;
/// The longest wait.
pub const MAX_WAIT_S: u64 = 25;
/// Without news, one looks by himself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Waits for them, at most `wait_s` seconds.
pub async fn behind(desk: &Desk, wait_s: u64) -> Result<CardsBehind, Failure> {
    let end = Instant::now() + Duration::from_secs(wait_s.min(MAX_WAIT_S));
    let mut bell = desk.bell.listen();
    loop {
        bell.mark_unchanged();
        let cards = ticket::behind(&desk.store, MOST).await?;
        let left = end.saturating_duration_since(Instant::now());
        if !cards.is_empty() || left.is_zero() || *desk.stop.borrow() {
            return Ok(CardsBehind { cards });
        }
        let _ = timeout(left.min(LOOK_AGAIN), bell.changed()).await;
    }
}
