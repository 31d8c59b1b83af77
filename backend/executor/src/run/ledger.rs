//! Writing to the store, and reading from it, while it may be away. What is known goes to the journal first whenever the store does not take it at
//! once; then it is tried again until it is written, or the fence is closed, or patience is over.

use crate::{
    heartbeat::View,
    journal,
    pen::Pen,
    relay::{Answer, Ask},
};
use dbdesk_cmdb::{GroupId, ServiceGroup};
use dbdesk_commands::{
    clock::Clock,
    id::TicketId,
    point::{Point, Points},
    wire::entry::Event,
};
use dbdesk_store::{
    Error,
    run::{Fence, Lease, Write},
};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Told after each commit, so that whoever waits looks at once. Must not block; may be lost.
pub type Notify = Arc<dyn Fn(TicketId) + Send + Sync>;

/// Longest a single write may take before it is tried again on another connection: some twenty round trips of two seconds.
const WRITE_LIMIT: Duration = Duration::from_secs(40);
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

/// What one lease writes and reads.
pub struct Ledger {
    /// How our own database is reached.
    pub pen: Pen,
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
    /// What happens between two writes.
    pub points: Points,
}

impl Ledger {
    /// Writes, with the time of the first try. What the target answered is kept in the journal while the store does not have it.
    pub async fn write(&mut self, write: Write) -> Result<(), Halt> {
        let ask = Ask::Write { lease: self.lease, write: write.clone(), at: self.clock.now() };
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            match tokio::time::timeout(WRITE_LIMIT, self.pen.ask(ask.clone())).await {
                Ok(Ok(Answer::Fence(Fence::Passed))) => break,
                Ok(Ok(Answer::Fence(Fence::Asked))) => return Err(Halt::Asked),
                Ok(Ok(Answer::Fence(Fence::Closed))) if !self.points.fenced() => break,
                Ok(Ok(Answer::Fence(Fence::Closed))) => {
                    self.keep(write.known());
                    return Err(Halt::Fenced);
                }
                Ok(Ok(other)) => {
                    self.keep(write.known());
                    return Err(strange(&other));
                }
                Ok(Err(Error::Fault(fault))) => {
                    self.keep(write.known());
                    return Err(Halt::Fault(Error::Fault(fault)));
                }
                Ok(Err(error)) if wait == FIRST_WAIT => {
                    tracing::warn!(task = %self.lease.task, %error, "the store does not take a write; it is tried again");
                }
                Ok(Err(_)) => {}
                Err(_) => self.pen.connect_anew(),
            }
            if wait == FIRST_WAIT {
                self.keep(write.known());
            }
            self.patience(since)?;
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        if write.known().is_some() {
            self.points.at(Point::RunForgetting);
            journal::forget(&self.state_dir, self.lease.task, self.lease.epoch);
        }
        Ok(())
    }

    /// The group as the inventory has it now; asked as patiently as writes are written.
    pub async fn group(&mut self, id: GroupId) -> Result<Option<Box<ServiceGroup>>, Halt> {
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            match tokio::time::timeout(WRITE_LIMIT, self.pen.ask(Ask::Group(id))).await {
                Ok(Ok(Answer::Group(group))) => return Ok(group),
                Ok(Ok(other)) => return Err(strange(&other)),
                Ok(Err(Error::Fault(fault))) => return Err(Halt::Fault(Error::Fault(fault))),
                Ok(Err(_)) => {}
                Err(_) => self.pen.connect_anew(),
            }
            self.patience(since)?;
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Asks the store until it answers, as patiently as it is written to.
    pub(super) async fn patiently<T, F>(&mut self, mut ask: impl FnMut() -> F) -> Result<T, Halt>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let (since, mut wait) = (Instant::now(), FIRST_WAIT);
        loop {
            match tokio::time::timeout(WRITE_LIMIT, ask()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(Error::Fault(fault))) => return Err(Halt::Fault(Error::Fault(fault))),
                Ok(Err(_)) | Err(_) => self.patience(since)?,
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Whether to try again what was first tried at `since`.
    fn patience(&self, since: Instant) -> Result<(), Halt> {
        if self.view.borrow().closed {
            return Err(Halt::Fenced);
        }
        if since.elapsed() > self.patience || *self.stop.borrow() {
            return Err(Halt::Unwritten);
        }
        Ok(())
    }

    fn keep(&self, known: Option<&Event>) {
        let Some(event) = known else { return };
        if let Err(error) = journal::keep(&self.state_dir, self.lease.task, self.lease.epoch, event) {
            tracing::error!(task = %self.lease.task, %error, ?event, "what is known could not be kept; it stands here only");
        }
        self.points.at(Point::RunKept);
    }

    fn proven(&self) -> bool {
        self.view.borrow().proven.elapsed() < self.proof
    }

    /// Waits until the lease is proven. Nothing may be sent to the target before.
    pub async fn proof(&mut self) -> Result<(), Halt> {
        let since = Instant::now();
        loop {
            if !self.points.fenced() {
                return Ok(());
            }
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

fn strange(answer: &Answer) -> Halt {
    Halt::Fault(Error::Fault(format!("{answer:?} is no answer to this").into()))
}
