//! The lease's heartbeat, on a thread with a runtime and connections of its own: neither a long statement nor a full runtime
//! keeps it from beating. The same row carries what a person wants of the task.

use crate::live::Heard;
use dbdesk_store::{
    Connect, Pool,
    run::{self, Lease},
};
use dbdesk_ticket::task::Wish;
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
    /// A lease that was not renewed for so long counts as not proven: nothing more is sent. Shorter than `lease_ms`, so that
    /// the process stops before anybody may decide in its place.
    pub proof_ms: u64,
}

impl Rhythm {
    /// As in production.
    pub const USUAL: Self = Self { lease_ms: run::LEASE_MS, renew_ms: 5_000, look_ms: 500, proof_ms: 15_000 };
}

/// What the heartbeat saw last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The lease was ours when this was asked.
    pub proven: Instant,
    /// What a person wants.
    pub wish: Wish,
    /// Somebody else has decided: the fence is closed.
    pub closed: bool,
}

/// A running heartbeat. Dropped, it ends.
#[derive(Debug)]
pub struct Heartbeat {
    /// What it saw last.
    pub view: watch::Receiver<View>,
    _stop: oneshot::Sender<()>,
}

/// Starts it. `claimed`: when the claim was asked for. `heard` is taken to the store on the way.
pub fn start(
    store: &Connect,
    lease: Lease,
    rhythm: Rhythm,
    claimed: Instant,
    heard: Heard,
) -> io::Result<Heartbeat> {
    let (send, view) = watch::channel(View { proven: claimed, wish: Wish::Go, closed: false });
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
    let (pause, renew) = (Duration::from_millis(rhythm.look_ms), Duration::from_millis(rhythm.renew_ms));
    // A short task ends before this, and needs no connection for its heartbeat.
    tokio::time::sleep(pause).await;
    let mut failing = false;
    loop {
        let asked = Instant::now();
        let due = view.borrow().proven.elapsed() >= renew;
        let answer = async {
            if due { run::renew(pool, &lease, rhythm.lease_ms).await } else { run::look(pool, &lease).await }
        };
        match tokio::time::timeout(renew / 2, answer).await {
            Ok(Ok(Some(wish))) => {
                failing = false;
                view.send_if_modified(|view| {
                    let before = *view;
                    view.wish = wish;
                    if due {
                        view.proven = asked;
                    }
                    *view != before
                });
                written(pool, &lease, renew / 2, heard).await;
            }
            Ok(Ok(None)) => {
                tracing::error!(task = %lease.task, epoch = lease.epoch, "the lease was taken away");
                view.send_modify(|view| view.closed = true);
                return;
            }
            Ok(Err(error)) if !failing => {
                failing = true;
                tracing::warn!(task = %lease.task, %error, "the lease can not be proven");
            }
            Err(_) if !failing => {
                failing = true;
                tracing::warn!(task = %lease.task, "the lease can not be proven: no answer in time");
            }
            Ok(Err(_)) | Err(_) => {}
        }
        let next = tokio::time::sleep(pause);
        tokio::pin!(next);
        tokio::select! {
            () = &mut next => continue,
            () = heard.rings(), if !failing => written(pool, &lease, renew / 2, heard).await,
        }
        next.await;
    }
}

async fn written(pool: &Pool, lease: &Lease, limit: Duration, heard: &Heard) {
    if !matches!(tokio::time::timeout(limit, heard.write(pool, lease)).await, Ok(Ok(()))) {
        tracing::debug!(task = %lease.task, "lines wait for the store");
    }
}
