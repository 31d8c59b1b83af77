//! How far all running work is: answered at once when it differs from what the caller knows, else as soon as it does.

use super::{Failure, cards_behind::MAX_WAIT_S};
use crate::desk::Desk;
use dbdesk_commands::wire::live::{LivePage, LiveTicket};
use dbdesk_store::live;
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};
use tokio::time::{Instant, sleep, timeout};

/// The most tickets of one answer.
const MOST: u32 = 1_000;
/// Without news, one looks by himself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// What comes so soon after other news is told with it.
const GATHER: Duration = Duration::from_millis(50);

/// Waits for news, at most `wait_s` seconds.
pub async fn page(desk: &Desk, after: u64, wait_s: u64) -> Result<LivePage, Failure> {
    let end = Instant::now() + Duration::from_secs(wait_s.min(MAX_WAIT_S));
    let mut news = desk.live.listen();
    loop {
        news.skip();
        let tickets = live::page(&desk.store, MOST).await?;
        let cursor = cursor(&tickets);
        let left = end.saturating_duration_since(Instant::now());
        if cursor != after || left.is_zero() || *desk.stop.borrow() {
            return Ok(LivePage { tickets, cursor });
        }
        if timeout(left.min(LOOK_AGAIN), news.of(None)).await.is_ok() {
            sleep(left.min(GATHER)).await;
        }
    }
}

/// Differs when anything a reader sees differs; 0 where nothing runs.
fn cursor(tickets: &[LiveTicket]) -> u64 {
    if tickets.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    for ticket in tickets {
        let progress = &ticket.progress;
        (ticket.task.0, ticket.behind, progress.index, progress.elapsed_ms, &progress.stage)
            .hash(&mut hasher);
        ticket.shares.hash(&mut hasher);
    }
    hasher.finish().max(1)
}
