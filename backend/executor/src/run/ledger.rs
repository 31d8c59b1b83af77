//! Writing to the store, and reading from it, while it may be away. What is known goes to the journal first whenever the store does not take it at
//! once; then it is tried again until it is written, or the fence is closed, or patience is over.

use crate::{heartbeat::View, journal};
use dbdesk_commands::{
    clock::{Clock, Time},
    id::TicketId,
    wire::entry::Event,
};
use dbdesk_store::{
    Error, Pool,
    run::{Fence, Lease},
};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Told after each commit, so that whoever waits looks at once. Must not block; may be lost.
pub type Notify = Arc<dyn Fn(TicketId) + Send + Sync>;

/// Longest a single write may take before it is tried again.
const WRITE_LIMIT: Duration = Duration::from_secs(5);
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// Why the process ends without writing an end: somebody else will write it, or has.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// The lease is not ours any more.
    #[error("the lease was taken away")]
    Fenced,
    /// A person asked for a pause or for the end before the next statement; nothing was written.
    #[error("a person asked for something else")]
    Asked,
    /// The store was away for longer than our patience, or we were asked to end while it was.
    #[error("the store did not take what is known in time")]
    Unwritten,
    /// It refused for a reason that will not pass.
    #[error("the store refuses: {0}")]
    Fault(Error),
}

/// The pen of one lease.
pub struct Ledger {
    /// Our own database.
    pub pool: Pool,
    /// Leave to write.
    pub lease: Lease,
    /// The time that entries carry.
    pub clock: Clock,
    /// What the heartbeat saw last.
    pub view: watch::Receiver<View>,
    /// Somebody asked this process to end.
    pub stop: watch::Receiver<bool>,
    /// Where the journal is.
    pub state_dir: PathBuf,
    /// A lease not renewed for so long counts as not proven.
    pub proof: Duration,
    /// The store may be away for so long.
    pub patience: Duration,
    /// Told after each commit.
    pub notify: Notify,
}

impl Ledger {
    /// Writes, with the time of the first try. `known` is kept in the journal while the store does not have it.
    pub async fn write<W>(
        &mut self,
        known: Option<&Event>,
        write: impl Fn(Pool, Lease, Time) -> W,
    ) -> Result<(), Halt>
    where
        W: Future<Output = Result<Fence, Error>>,
    {
        let (at, since) = (self.clock.now(), Instant::now());
        let mut wait = FIRST_WAIT;
        loop {
            match tokio::time::timeout(WRITE_LIMIT, write(self.pool.clone(), self.lease, at)).await {
                Ok(Ok(Fence::Passed)) => break,
                Ok(Ok(Fence::Asked)) => return Err(Halt::Asked),
                Ok(Ok(Fence::Closed)) => {
                    self.keep(known);
                    return Err(Halt::Fenced);
                }
                Ok(Err(Error::Fault(fault))) => {
                    self.keep(known);
                    return Err(Halt::Fault(Error::Fault(fault)));
                }
                Ok(Err(error)) if wait == FIRST_WAIT => {
                    tracing::warn!(task = %self.lease.task, %error, "the store does not take a write; it is tried again");
                }
                Ok(Err(_)) | Err(_) => {}
            }
            if wait == FIRST_WAIT {
                self.keep(known);
            }
            if self.view.borrow().closed {
                return Err(Halt::Fenced);
            }
            if since.elapsed() > self.patience || *self.stop.borrow() {
                return Err(Halt::Unwritten);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        if known.is_some() {
            journal::forget(&self.state_dir, self.lease.task, self.lease.epoch);
        }
        (self.notify)(self.lease.ticket);
        Ok(())
    }

    /// Reads, as patiently as it writes.
    pub async fn read<T, R>(&mut self, read: impl Fn(Pool) -> R) -> Result<T, Halt>
    where
        R: Future<Output = Result<T, Error>>,
    {
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            match tokio::time::timeout(WRITE_LIMIT, read(self.pool.clone())).await {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(Error::Fault(fault))) => return Err(Halt::Fault(Error::Fault(fault))),
                Ok(Err(_)) | Err(_) => {}
            }
            if self.view.borrow().closed {
                return Err(Halt::Fenced);
            }
            if since.elapsed() > self.patience || *self.stop.borrow() {
                return Err(Halt::Unwritten);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    fn keep(&self, known: Option<&Event>) {
        let Some(event) = known else { return };
        if let Err(error) = journal::keep(&self.state_dir, self.lease.task, self.lease.epoch, event) {
            tracing::error!(task = %self.lease.task, %error, ?event, "what is known could not be kept; it stands here only");
        }
    }

    fn proven(&self) -> bool {
        self.view.borrow().proven.elapsed() < self.proof
    }

    /// Waits until the lease is proven. Nothing may be sent to the target before.
    pub async fn proof(&mut self) -> Result<(), Halt> {
        let since = Instant::now();
        loop {
            if self.view.borrow().closed {
                return Err(Halt::Fenced);
            }
            if self.proven() {
                return Ok(());
            }
            if since.elapsed() > self.patience || *self.stop.borrow() {
                return Err(Halt::Unwritten);
            }
            // Without a heartbeat nothing will ever be proven.
            if let Ok(Err(_)) = tokio::time::timeout(LONGEST_WAIT, self.view.changed()).await {
                return Err(Halt::Unwritten);
            }
        }
    }
}
