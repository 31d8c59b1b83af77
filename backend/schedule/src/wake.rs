//! Telling each other, through Redis, that something changed, and what is ready. Only ever a hint to look at once: whoever waits
//! looks by himself after a second as well.

use crate::redis::{self as lists, LIVE, Redis, WAKE};
use dbdesk_commands::id::TicketId;
use dbdesk_store::task::Offer;
use futures_util::StreamExt as _;
use redis::AsyncCommands as _;
use std::{collections::BTreeSet, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};

/// Hints that wait to be sent; more are dropped.
const WAITING: usize = 1_024;
/// Between two tries to listen.
const LISTEN_AGAIN: Duration = Duration::from_millis(500);

/// What is told.
#[derive(Debug)]
enum Hint {
    Changed(TicketId),
    Progress(TicketId),
    Ready(Offer),
}

/// Sends hints. Never waits, never fails.
#[derive(Debug)]
pub struct Waker {
    send: mpsc::Sender<Hint>,
    sender: JoinHandle<()>,
}

impl Waker {
    /// Starts the sending within this runtime.
    #[must_use]
    pub fn start(redis: &Redis) -> Self {
        let (send, mut hints) = mpsc::channel::<Hint>(WAITING);
        let redis = redis.clone();
        let sender = tokio::spawn(async move {
            let mut batch = Vec::new();
            while hints.recv_many(&mut batch, WAITING).await > 0 {
                let (mut published, mut offers) = (BTreeSet::new(), Vec::new());
                for hint in batch.drain(..) {
                    match hint {
                        Hint::Changed(ticket) => _ = published.insert((WAKE, ticket)),
                        Hint::Progress(ticket) => _ = published.insert((LIVE, ticket)),
                        Hint::Ready(offer) => offers.push(offer),
                    }
                }
                let mut pipe = redis::pipe();
                lists::push(&mut pipe, &offers);
                for (channel, ticket) in published {
                    pipe.publish(channel, ticket.0);
                }
                // Redis is away: whoever waits looks by himself.
                let _: Result<Vec<u64>, _> = pipe.query_async(&mut redis.manager()).await;
            }
        });
        Self { send, sender }
    }

    /// Something changed with this ticket.
    pub fn wake(&self, ticket: TicketId) {
        let _ = self.send.try_send(Hint::Changed(ticket));
    }

    /// A function that puts a task on its list that is ready, and whose row says that it is offered; to be handed on.
    pub fn offer_hand(&self) -> impl Fn(Offer) + Send + Sync + 'static {
        let send = self.send.clone();
        move |offer| {
            let _ = send.try_send(Hint::Ready(offer));
        }
    }

    /// A function that does as [`Waker::wake`], to be handed on.
    pub fn hand(&self) -> impl Fn(TicketId) + Send + Sync + 'static {
        let send = self.send.clone();
        move |ticket| {
            let _ = send.try_send(Hint::Changed(ticket));
        }
    }

    /// A function that says that there is news of how far a ticket's work is, to be handed on.
    pub fn live_hand(&self) -> impl Fn(TicketId) + Send + Sync + 'static {
        let send = self.send.clone();
        move |ticket| {
            let _ = send.try_send(Hint::Progress(ticket));
        }
    }

    /// Waits until what was said is sent, at most for `limit`. Every [`Waker::hand`] is gone by then.
    pub async fn finish(self, limit: Duration) {
        drop(self.send);
        let _ = tokio::time::timeout(limit, self.sender).await;
    }
}

/// Calls `heard` for each hint: the ticket that changed, or `None` when hints may have been missed. Never ends; it listens
/// again by itself when Redis was away.
pub async fn listen(redis: &Redis, heard: impl Fn(Option<TicketId>)) {
    listen_on(redis, WAKE, heard).await;
}

/// As [`listen`], for how far running work is.
pub async fn listen_live(redis: &Redis, heard: impl Fn(Option<TicketId>)) {
    listen_on(redis, LIVE, heard).await;
}

async fn listen_on(redis: &Redis, channel: &str, heard: impl Fn(Option<TicketId>)) {
    loop {
        if let Ok(mut subscriber) = redis.client().get_async_pubsub().await
            && subscriber.subscribe(channel).await.is_ok()
        {
            heard(None);
            let mut messages = subscriber.into_on_message();
            while let Some(message) = messages.next().await {
                heard(message.get_payload().ok().map(TicketId));
            }
        }
        heard(None);
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

/// Says it once and waits for that: for a process that ends right after.
pub async fn once(redis: &Redis, ticket: TicketId) {
    let _: Result<u64, _> = redis.manager().publish(WAKE, ticket.0).await;
}
