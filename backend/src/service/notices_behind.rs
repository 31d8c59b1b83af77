//! Notices that chat does not show as they are: answered at once when there are some, else as soon as there are.

use super::{Failure, cards_behind::MAX_WAIT_S};
use crate::desk::Desk;
use dbdesk_commands::wire::notice::NoticesBehind;
use dbdesk_store::notice;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// The most of one answer.
const MOST: u32 = 20;
/// Without news, one looks by himself.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Waits for them, at most `wait_s` seconds.
pub async fn behind(desk: &Desk, wait_s: u64) -> Result<NoticesBehind, Failure> {
    let end = Instant::now() + Duration::from_secs(wait_s.min(MAX_WAIT_S));
    let mut bell = desk.bell.listen();
    loop {
        bell.mark_unchanged();
        let notices = notice::behind(&desk.store, MOST).await?;
        let left = end.saturating_duration_since(Instant::now());
        if !notices.is_empty() || left.is_zero() || *desk.stop.borrow() {
            return Ok(NoticesBehind { notices });
        }
        let _ = timeout(left.min(LOOK_AGAIN), bell.changed()).await;
    }
}
