//! Stopping a task whose process does not hear that it is to stop: told to end, then ended by force, and the target is asked to stop
//! the statement in flight, which nobody else could any more.

use dbdesk_commands::{
    clock::Clock,
    wire::entry::{Event, QueryStop},
};
use dbdesk_store::{Pool, queue::Held, silence};
use std::{io, pin::Pin, sync::Arc, time::Duration};

/// A signal to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// End in order.
    Terminate,
    /// End now.
    Kill,
}

/// Whether a target was asked to stop the statement in flight; `None` where there is none.
pub type Stopping = Pin<Box<dyn Future<Output = Option<QueryStop>> + Send>>;

/// Sends a signal to exactly the process of this task; gives whether it lived.
pub type SendSignal = dyn Fn(&Held, Signal) -> io::Result<bool> + Send + Sync;

/// Asks the target of this task to stop the statement in flight.
pub type StopQuery = dyn Fn(&Held) -> Stopping + Send + Sync;

/// What can be done to a process of this machine and to its statement.
#[derive(Clone)]
pub struct Means {
    /// To a process.
    pub signal: Arc<SendSignal>,
    /// To its target.
    pub stop_query: Arc<StopQuery>,
}

/// Stops it, step by step, and tells each. `end`: the end of its process. Its task is ended by rescue.
pub async fn force(
    store: &Pool,
    clock: &Clock,
    means: &Means,
    held: &Held,
    kill_after: Duration,
    end: impl Future<Output = ()>,
) {
    let (host, pid) = (held.host.clone(), held.pid);
    let kill_after_ms = kill_after.as_millis() as u64;
    tell(store, clock, held, &Event::Unheard { host: host.clone(), pid, kill_after_ms }).await;
    let mut lives = sent(means, held, Signal::Terminate);
    if lives {
        lives = tokio::time::timeout(kill_after, end).await.is_err();
    }
    // Before the process is killed: its end makes rescue tell the end of the task.
    let query = (means.stop_query)(held).await;
    tell(store, clock, held, &Event::Forced { host, pid, killed: lives, query }).await;
    if lives {
        sent(means, held, Signal::Kill);
    }
}

fn sent(means: &Means, held: &Held, signal: Signal) -> bool {
    let (task, pid) = (held.task, held.pid);
    match (means.signal)(held, signal) {
        Ok(lived) => {
            tracing::warn!(%task, pid, ?signal, lived, "a process that does not hear a cancel was sent a signal");
            lived
        }
        Err(error) => {
            tracing::error!(%task, pid, ?signal, %error, "a process can not be sent a signal");
            true
        }
    }
}

async fn tell(store: &Pool, clock: &Clock, held: &Held, event: &Event) {
    if let Err(error) = silence::forced(store, held, event, clock.now()).await {
        tracing::warn!(task = %held.task, %error, "what is done about a process can not be told; it is done all the same");
    }
}
