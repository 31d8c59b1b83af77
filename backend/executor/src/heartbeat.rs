//! The lease's heartbeat, on a thread with a runtime and connections of its own: neither a long statement nor a full runtime
//! keeps it from beating. The same row carries what a person wants of the task.

use crate::live::Heard;
use dbdesk_commands::wire::{
    cut_over::CutOver,
    throttle::{Limits, Throttle},
};
use dbdesk_store::{
    Connect, Error, Pool,
    run::{self, Lease, Wanted},
};
use dbdesk_ticket::task::Wish;
use sqlx::MySqlConnection;
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::sync::{oneshot, watch};

/// How a lease is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// How long a lease lasts.
    pub lease_ms: u64,
    /// How often it is renewed.
    pub renew_ms: u64,
    /// How often the row is looked at for a wish.
    pub look_ms: u64,
    /// An answer that takes longer is not waited for: the connection is given up, and there is time to prove the lease on another.
    pub answer_ms: u64,
    /// A lease that was not renewed for so long counts as not proven: nothing more is sent. Shorter than `lease_ms`, so that
    /// the process stops before anybody may decide in its place.
    pub proof_ms: u64,
}

impl Rhythm {
    /// As in production.
    pub const USUAL: Self =
        Self { lease_ms: run::LEASE_MS, renew_ms: 5_000, look_ms: 500, answer_ms: 8_000, proof_ms: 15_000 };
}

/// What the heartbeat saw last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The lease was ours when this was asked.
    pub proven: Instant,
    /// What a person wants.
    pub wish: Wish,
    /// The lag and load at which it waits, where a DBA has set them.
    pub throttle: Throttle,
    /// When a copy that is complete takes its table's place, where a DBA has said so.
    pub cut_over: Option<CutOver>,
    /// Somebody else has decided: the fence is closed.
    pub closed: bool,
}

impl View {
    /// As it is right after a claim that was asked for at this moment.
    #[must_use]
    pub fn first(claimed: Instant, throttle: Throttle, cut_over: Option<CutOver>) -> Self {
        Self { proven: claimed, wish: Wish::Go, throttle, cut_over, closed: false }
    }

    /// The lag and load above which work waits that has these configured.
    #[must_use]
    pub fn limits(&self, configured: Limits) -> Limits {
        self.throttle.over(configured)
    }

    /// Takes what people want now. Gives whether that is anything new.
    fn wants(&mut self, wanted: Wanted) -> bool {
        let Wanted { wish, throttle, cut_over } = wanted;
        let before = (self.wish, self.throttle, self.cut_over);
        (self.wish, self.throttle, self.cut_over) = (wish, throttle, cut_over);
        before != (wish, throttle, cut_over)
    }
}

/// A running heartbeat. Dropped, it ends.
#[derive(Debug)]
pub struct Heartbeat {
    /// What it saw last.
    pub view: watch::Receiver<View>,
    _stop: oneshot::Sender<()>,
}

/// Starts it. `first`: what the claim says. `heard` is taken to the store on the way.
pub fn start(
    store: &Connect,
    lease: Lease,
    rhythm: Rhythm,
    first: View,
    heard: Heard,
) -> io::Result<Heartbeat> {
    let (send, view) = watch::channel(first);
    let (stop, stopped) = oneshot::channel();
    // One connection is enough, and hundreds of tasks run at once.
    let store = Connect { max_connections: 1, ..store.clone() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("heartbeat".into()).spawn(move || {
        runtime.block_on(async {
            let pool = dbdesk_store::pool(&store);
            tokio::select! {
                _ = stopped => {}
                () = beat(&pool, lease, rhythm, &send, &heard) => {}
            }
        });
    })?;
    Ok(Heartbeat { view, _stop: stop })
}

/// Looks, renews when it is time, tells; until the fence is closed.
async fn beat(pool: &Pool, lease: Lease, rhythm: Rhythm, view: &watch::Sender<View>, heard: &Heard) {
    let (pause, limit) = (Duration::from_millis(rhythm.look_ms), Duration::from_millis(rhythm.answer_ms));
    // A short task ends before this, and needs no connection for its heartbeat.
    tokio::time::sleep(pause).await;
    let mut failing = false;
    // Kept for itself: a pool asks a connection that comes back whether it lives, which costs as much as the renewal.
    let mut kept: Option<MySqlConnection> = None;
    loop {
        match once(pool, &mut kept, &lease, rhythm, view).await {
            Ok(true) => {
                failing = false;
                if let Some(connection) = &mut kept
                    && !written(connection, &lease, limit, heard).await
                {
                    kept = None;
                }
            }
            Ok(false) => {
                tracing::error!(task = %lease.task, epoch = lease.epoch, "the lease was taken away");
                view.send_modify(|view| view.closed = true);
                return;
            }
            Err(error) => {
                kept = None;
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(task = %lease.task, %error, "the lease can not be proven");
                }
            }
        }
        let next = tokio::time::sleep(pause);
        tokio::pin!(next);
        tokio::select! {
            () = &mut next => continue,
            () = heard.rings(), if !failing => {
                if let Some(connection) = &mut kept
                    && !written(connection, &lease, limit, heard).await
                {
                    kept = None;
                }
            }
        }
        next.await;
    }
}

/// Whether the connection is of use after it.
async fn written(to: &mut MySqlConnection, lease: &Lease, limit: Duration, heard: &Heard) -> bool {
    let written = matches!(tokio::time::timeout(limit, heard.write(to, lease)).await, Ok(Ok(())));
    if !written {
        tracing::debug!(task = %lease.task, "lines wait for the store");
    }
    written
}

/// One look or renewal. `false`: the fence is closed.
async fn once(
    pool: &Pool,
    kept: &mut Option<MySqlConnection>,
    lease: &Lease,
    rhythm: Rhythm,
    view: &watch::Sender<View>,
) -> Result<bool, Error> {
    // A connection takes many round trips, and has a limit of its own.
    let connection = match kept {
        Some(connection) => connection,
        None => kept.insert(pool.acquire().await?.detach()),
    };
    let asked = Instant::now();
    let answer = async {
        if view.borrow().proven.elapsed() < Duration::from_millis(rhythm.renew_ms) {
            let Some(wanted) = run::look(connection, lease).await? else { return Ok(false) };
            view.send_if_modified(|view| view.wants(wanted));
            return Ok(true);
        }
        let ours = run::renew(connection, lease, rhythm.lease_ms).await?;
        if ours {
            view.send_modify(|view| view.proven = asked);
        }
        Ok(ours)
    };
    let late = || Error::Retry(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
    tokio::time::timeout(Duration::from_millis(rhythm.answer_ms), answer)
        .await
        .unwrap_or_else(|_| Err(late()))
}
