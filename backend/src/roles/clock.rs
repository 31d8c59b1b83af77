//! The time that the roles pass on: the store's. Clocks of machines differ and are set while programs run; whether something is due
//! must not depend on which machine looks. Between two questions the monotonic clock carries the answer on.

use super::machine;
use chrono::TimeDelta;
use dbdesk_commands::clock::{Clock, Time};
use dbdesk_store::{Pool, connect::Told};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Between two questions.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// An answer that takes longer is not waited for; a connection takes some ten round trips of two seconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Between two tries of the first.
const FIRST_AGAIN: Duration = Duration::from_millis(300);

/// The store's time, as far as it is known here.
#[derive(Clone)]
pub(super) struct StoreTime {
    told: Arc<Mutex<Told>>,
}

impl StoreTime {
    /// Asks until the store answers: by a clock that may be wrong nothing is begun.
    pub(super) async fn known(store: &Pool) -> Self {
        let mut failing = false;
        loop {
            match asked(store).await {
                Ok(told) => {
                    let _ = differs(&told, false);
                    return Self { told: Arc::new(Mutex::new(told)) };
                }
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%error, "the store's time is not known yet, and nothing begins before it is; it is asked again");
                    }
                }
            }
            tokio::time::sleep(FIRST_AGAIN).await;
        }
    }

    /// As somebody told it just now.
    pub(super) fn of(time: Time) -> Self {
        let told = Told { time, at: Instant::now(), within: Duration::ZERO };
        Self { told: Arc::new(Mutex::new(told)) }
    }

    /// The clock that goes by it.
    pub(super) fn clock(&self) -> Clock {
        let told = Arc::clone(&self.told);
        Clock::new(move || at(&told.lock().unwrap_or_else(PoisonError::into_inner), Instant::now()))
    }

    /// Keeps asking, for ever. While the store is away, what was told last is carried on.
    pub(super) async fn keep(self, store: Pool) {
        let mut differed = false;
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            if let Ok(fresh) = asked(&store).await {
                differed = differs(&fresh, differed);
                let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
                *told = better(*told, fresh);
            }
        }
    }
}

async fn asked(store: &Pool) -> Result<Told, dbdesk_store::Error> {
    let late = |_| dbdesk_store::Error::Retry(sqlx::Error::PoolTimedOut);
    tokio::time::timeout(ANSWER_LIMIT, dbdesk_store::time(store)).await.map_err(late)?
}

/// The store's time at an instant.
fn at(told: &Told, instant: Instant) -> Time {
    let since = instant.saturating_duration_since(told.at);
    told.time + TimeDelta::from_std(since).unwrap_or_default()
}

/// What is to be believed: a slow answer that agrees with what is believed, as far as it can tell, makes that no better.
fn better(told: Told, fresh: Told) -> Told {
    let off = (fresh.time - at(&told, fresh.at)).abs();
    let within = TimeDelta::from_std(fresh.within).unwrap_or(TimeDelta::MAX);
    if off > within { fresh } else { told }
}

/// Whether this machine's clock is wrong; told when that changes.
fn differs(told: &Told, differed: bool) -> bool {
    let ahead = machine::clock().now() - at(told, Instant::now());
    let differs = ahead.abs() > dbdesk_store::connect::CLOCKS_APART;
    match (differs, differed) {
        (true, false) => tracing::warn!(
            ahead_ms = ahead.num_milliseconds(),
            "this machine's clock is not that of the database: the database's is used; let NTP set both"
        ),
        (false, true) => tracing::info!("this machine's clock is right again"),
        (true, true) | (false, false) => {}
    }
    differs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(at: Instant, time_ms: i64, within_ms: u64) -> Told {
        let time = Time::UNIX_EPOCH + TimeDelta::milliseconds(time_ms);
        Told { time, at, within: Duration::from_millis(within_ms) }
    }

    #[test]
    fn a_slow_answer_that_agrees_changes_nothing_and_any_that_does_not_is_believed() {
        let start = Instant::now();
        let later = start + Duration::from_secs(5);
        let first = told(start, 0, 1);
        let now = |fresh| at(&better(first, fresh), later);
        let ms = |ms| Time::UNIX_EPOCH + TimeDelta::milliseconds(ms);
        assert_eq!(now(told(later, 5_900, 1_000)), ms(5_000), "it may have been on its way for so long");
        assert_eq!(now(told(later, 6_100, 1_000)), ms(6_100), "it can not");
        assert_eq!(now(told(later, 5_003, 1)), ms(5_003), "clocks drift");
        assert_eq!(now(told(later, 0, 1)), ms(0), "the store's clock was set back");
    }
}
