//! Trying a script on a review server: a schema of its own for each database, made for one review and dropped at its end,
//! with the live definitions of the tables in question and not one row. The script's DDL is run there, its DML prepared.
//!
//! What bounds it: the account may only do something in `dbdesk_shadow_%`; what is sent was chosen by
//! [`dbdesk_review::shadow::plan`]; everything together has a time limit, and at its end the connection is killed. A trial
//! runs on a task of its own, so that it is cleaned up even when nobody waits for it any more. What a crash leaves behind is
//! found by its name and age ([`sweep`]).

mod live;
mod session;
mod track;
mod trial;

pub use session::{PREFIX, sweep};

use super::connect::OpenError;
use dbdesk_review::{
    Flavour,
    shadow::{Outcome, Plan, Shadow},
};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// How much a trial may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For connecting, and for cleaning up.
    pub connect: Duration,
    /// For everything else together.
    pub total: Duration,
    /// Tables that are copied.
    pub tables: usize,
    /// Longest definition that is copied.
    pub definition_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            total: Duration::from_secs(5),
            tables: 50,
            definition_bytes: 256 * 1024,
        }
    }
}

/// Where a script is tried.
#[derive(Debug, Clone)]
pub struct Place {
    /// Where the tables are; only their definitions are read.
    pub live: MySqlConnectOptions,
    /// The review server.
    pub server: MySqlConnectOptions,
    /// Chance, so that two trials of the same millisecond have different names.
    pub mark: [u8; 4],
}

/// Tries a script. `hold` is let go at the very end, when nothing of the trial is left.
pub async fn tried<H: Send + 'static>(place: Place, plan: Plan, limits: Limits, hold: H) -> Shadow {
    let trial = tokio::spawn(async move {
        let shadow = run(&place, &plan, &limits).await;
        drop(hold);
        shadow
    });
    trial.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a trial on a review server broke off");
        Shadow { outcome: Outcome::Unreachable, ..Shadow::default() }
    })
}

/// The version a server tells, within `limit`.
pub async fn flavour(server: &MySqlConnectOptions, limit: Duration) -> Result<Flavour, OpenError> {
    let session = session::open(server, limit).await?;
    let flavour = session.flavour;
    session.close(limit).await;
    Ok(flavour)
}

async fn run(place: &Place, plan: &Plan, limits: &Limits) -> Shadow {
    let ended = |outcome| Shadow { outcome, ..Shadow::default() };
    let deadline = tokio::time::Instant::now() + limits.total;
    let live = match tokio::time::timeout_at(deadline, live::read(&place.live, plan, limits)).await {
        Ok(Ok(live)) => live,
        Ok(Err(error)) => {
            tracing::warn!(%error, "definitions for a shadow could not be read");
            return ended(Outcome::Undefined);
        }
        Err(_) => {
            let mut shadow = ended(Outcome::OutOfTime);
            shadow.mark_rest(plan);
            return shadow;
        }
    };
    let mut session = match session::open(&place.server, limits.connect).await {
        Ok(session) => session,
        Err(error) => {
            tracing::warn!(%error, "a review server could not be asked");
            return ended(Outcome::Unreachable);
        }
    };
    let shadows = session.names(live.databases.keys(), place.mark);
    // Kept outside, so that what is known when the time is over is not lost.
    let known = Arc::new(Mutex::new(Shadow {
        outcome: Outcome::OutOfTime,
        server: Some(session.flavour),
        ..Shadow::default()
    }));
    let left = deadline.saturating_duration_since(tokio::time::Instant::now());
    let trial = trial::run(&mut session, plan, &live, &shadows, left, &known);
    let in_order = timeout(left, trial).await.is_ok();
    session.clean(&place.server, shadows.values(), in_order, limits.connect).await;
    let mut shadow = known.lock().unwrap_or_else(PoisonError::into_inner).clone();
    shadow.mark_rest(plan);
    shadow
}
