//! The part of control that files what schedules want filed, reminds people of what waits for them, and sees to the end of accounts. It has a desk of its own: whether `serve` is up does not matter.

use super::machine;
use crate::{
    config::Config,
    desk::{Bell, Desk, LiveBell},
    metrics::Metrics,
    service::{
        account_expiry, account_look, alarming, backup_due, cluster_settle, filing, noticing, reminding,
    },
};
use dbdesk_commands::{clock::Clock, point::Points};
use dbdesk_schedule::{Redis, Waker};
use dbdesk_store::Pool;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Semaphore, watch};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A desk without an API.
pub(super) fn desk(
    config: Config,
    store: Pool,
    redis: Redis,
    waker: &Waker,
    (clock, stop): (Clock, watch::Receiver<bool>),
    points: Points,
) -> Desk {
    Desk {
        requests: Semaphore::new(1),
        // One at a time: many machines may share the work.
        reviews: Semaphore::new(1),
        shadows: Arc::new(Semaphore::new(config.shadow.at_once.max(1))),
        config,
        store,
        redis,
        clock,
        chance: machine::chance(),
        bell: Bell::default(),
        live: LiveBell::default(),
        tell: Box::new(waker.hand()),
        offer: Box::new(waker.offer_hand()),
        metrics: Metrics::default(),
        points,
        stop,
    }
}

/// Looks every second, for ever.
pub(super) async fn files(desk: Arc<Desk>) {
    let (mut failing, mut deaf) = (false, false);
    loop {
        match filing::file_due(&desk).await {
            Ok(_) => failing = false,
            Err(error) => {
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%error, "schedules can not be filed now; it is tried again");
                }
            }
        }
        let waiting = async {
            reminding::lapse_old(&desk).await?;
            reminding::remind(&desk).await?;
            noticing::lapse_links(&desk).await?;
            alarming::look(&desk).await?;
            account_expiry::see_to(&desk).await?;
            cluster_settle::settle(&desk).await?;
            account_look::look_all(&desk).await?;
            backup_due::file_due(&desk).await.map(drop)
        };
        if let Err(error) = waiting.await {
            if !std::mem::replace(&mut deaf, true) {
                tracing::warn!(%error, "nobody can be reminded of what waits for him; it is tried again");
            }
        } else {
            deaf = false;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
