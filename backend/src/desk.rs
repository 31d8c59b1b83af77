//! What every request shares: the store, the time, chance, and who waits for news.

use crate::{config::Config, metrics::Metrics};
use anyhow::Result;
use dbdesk_commands::{
    clock::{Clock, Time},
    id::TicketId,
    point::{Point, Points},
    wire::ticket::TicketState,
};
use dbdesk_store::{Pool, Tx, queue, task::Offer, ticket::TicketRow};
use std::{fmt, sync::Arc};
use tokio::sync::{
    Semaphore,
    broadcast::{self, error::RecvError},
    watch,
};

/// Fills with random bytes.
type Source = dyn Fn(&mut [u8]) -> Result<()> + Send + Sync;

/// Where randomness comes from: the system in a role, a counter in a test.
#[derive(Clone)]
pub struct Chance(Arc<Source>);

impl Chance {
    /// Chance that fills with `source`.
    pub fn new(source: impl Fn(&mut [u8]) -> Result<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// So many random bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        (self.0)(&mut bytes)?;
        Ok(bytes)
    }

    /// Fills all of them with random bytes.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        (self.0)(bytes)
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chance")
    }
}

/// Tells other processes that a ticket changed; never waits, never fails.
pub type Tell = dyn Fn(TicketId) + Send + Sync;

/// Offers a task that is ready to the machines; never waits, never fails.
pub type Offers = dyn Fn(Offer) + Send + Sync;

/// The bell that everybody here hears who waits for news. A hint only: whoever waits looks by himself after a second as well.
#[derive(Debug, Clone)]
pub struct Bell(watch::Sender<u64>);

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Bell {
    /// Rings it.
    pub fn ring(&self) {
        self.0.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// To hear what rings from now on.
    #[must_use]
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// News that wait for one listener; who misses some looks at everything.
const LIVE_NEWS: usize = 256;

/// As [`Bell`], for how far running work is: it says whose.
#[derive(Debug, Clone)]
pub struct LiveBell(broadcast::Sender<Option<TicketId>>);

impl Default for LiveBell {
    fn default() -> Self {
        Self(broadcast::Sender::new(LIVE_NEWS))
    }
}

impl LiveBell {
    /// There is news of this ticket; `None`: of any.
    pub fn ring(&self, ticket: Option<TicketId>) {
        let _ = self.0.send(ticket);
    }

    /// To hear what comes from now on.
    #[must_use]
    pub fn listen(&self) -> LiveNews {
        LiveNews(self.0.subscribe())
    }
}

/// What one listener hears of a [`LiveBell`].
#[derive(Debug)]
pub struct LiveNews(broadcast::Receiver<Option<TicketId>>);

impl LiveNews {
    /// Waits for news of this ticket; `None`: of any.
    pub async fn of(&mut self, wanted: Option<TicketId>) {
        loop {
            match self.0.recv().await {
                Ok(ticket) if ticket.is_some() && wanted.is_some() && ticket != wanted => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }

    /// Forgets what came until now.
    pub fn skip(&mut self) {
        self.0 = self.0.resubscribe();
    }
}

/// What every request shares.
pub struct Desk {
    /// The configuration.
    pub config: Config,
    /// Our own database.
    pub store: Pool,
    /// Redis, for `/healthz`.
    pub redis: dbdesk_schedule::Redis,
    /// The time.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// Who waits here.
    pub bell: Bell,
    /// Who waits here for how far running work is.
    pub live: LiveBell,
    /// Who waits elsewhere.
    pub tell: Box<Tell>,
    /// Where work that is ready goes.
    pub offer: Box<Offers>,
    /// Requests at a time.
    pub requests: Semaphore,
    /// Reviews at a time.
    pub reviews: Semaphore,
    /// Trials on review servers at a time.
    pub shadows: Arc<Semaphore>,
    /// Counters.
    pub metrics: Metrics,
    /// What happens around a commit.
    pub points: Points,
    /// Becomes true when the process is to end: whoever waits ends.
    pub stop: watch::Receiver<bool>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Desk {
    /// Commits. After [`dbdesk_store::Error::Retry`] nobody knows whether it was committed.
    pub async fn commit(&self, tx: Tx) -> Result<(), dbdesk_store::Error> {
        self.points.at(Point::ServeCommitting);
        dbdesk_store::commit(tx).await?;
        self.points.at(Point::ServeCommitted);
        Ok(())
    }

    /// Says to everybody that this ticket changed.
    pub fn changed(&self, ticket: TicketId) {
        self.bell.ring();
        (self.tell)(ticket);
    }

    /// Offers the task of a ticket that may start now; the commit before this said that it is offered. Lost, it is offered again.
    pub async fn offer(&self, ticket: &TicketRow, now: Time) {
        let due = ticket.now.state == TicketState::Scheduled
            && ticket.now.due_at.is_some_and(|due_at| due_at <= now);
        let Some(task) = ticket.now.task.filter(|_| due) else { return };
        match queue::offer(&self.store, task).await {
            Ok(offer) => offer.into_iter().for_each(|offer| (self.offer)(offer)),
            Err(error) => tracing::warn!(%task, %error, "it is offered later"),
        }
    }
}
