//! Redis, the dispatch engine: it carries the numbers of tasks and nothing else. Whatever stands there can be lost.

use dbdesk_commands::{clock::Time, id::TaskId, wire::task::Priority};
use dbdesk_store::task::Offer;
use redis::{
    AsyncCommands as _, Client, ErrorKind, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The lists of tasks that are ready, sorted by their time: `dbdesk:offer:<queue>:<priority>`.
const OFFER: &str = "dbdesk:offer";
/// When waiting tasks are due: a sorted set.
const DUE: &str = "dbdesk:due";
/// There as long as Redis was not emptied.
const MARK: &str = "dbdesk:mark";
/// Where it is published that something changed.
pub(crate) const WAKE: &str = "dbdesk:wake";
/// Where it is published that there is news of how far running work is.
pub(crate) const LIVE: &str = "dbdesk:live";

/// A list keeps so many.
const LIST_LENGTH: isize = 10_000;
/// The sorted set keeps so many.
const DUE_LENGTH: isize = 10_000;
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// One that let a question wait in vain is not asked for so long: it stands still, and work does not.
const REST: Duration = Duration::from_secs(5);

/// A connection that comes back by itself. Its `Debug` does not show the password.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
    /// Until then it is not asked.
    rests_until: Arc<Mutex<Option<Instant>>>,
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Redis {
    /// Does not connect yet: a role can start while Redis is down. Within a tokio runtime.
    pub fn new(client: Client) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(200))
            .set_connection_timeout(Some(ANSWER_LIMIT))
            .set_response_timeout(Some(ANSWER_LIMIT));
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        Ok(Self { client, manager, rests_until: Arc::default() })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// Asks, unless it rests.
    async fn ask<T>(&self, question: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
        let rests_until = || self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        if rests_until().is_some_and(|until| Instant::now() < until) {
            return Err((ErrorKind::Io, "it does not answer, and is asked again in a few seconds").into());
        }
        let answer = question.await;
        *rests_until() =
            answer.as_ref().err().filter(|error| error.is_timeout()).map(|_| Instant::now() + REST);
        answer
    }

    /// Whether it answers.
    pub async fn ping(&self) -> RedisResult<()> {
        self.ask(redis::cmd("PING").query_async(&mut self.manager())).await
    }

    /// For control only, which tells it everything again: whether it is empty, because it is new, was flushed, or started without
    /// its data. The first to ask is told yes, the others no.
    pub async fn is_new(&self) -> RedisResult<bool> {
        let set: Option<String> =
            self.ask(redis::cmd("SET").arg(MARK).arg("1").arg("NX").query_async(&mut self.manager())).await?;
        Ok(set.is_some())
    }

    /// Puts tasks on their lists, each at the place of its time; one that stands there already keeps it. Gives how many more stand
    /// there now.
    pub async fn offer(&self, offers: &[Offer]) -> RedisResult<usize> {
        if offers.is_empty() {
            return Ok(0);
        }
        let mut pipe = redis::pipe();
        push(&mut pipe, offers);
        let counts: Vec<usize> = self.ask(pipe.query_async(&mut self.manager())).await?;
        let (added, forgotten) = counts.split_at(offers.len());
        Ok(added.iter().sum::<usize>().saturating_sub(forgotten.iter().sum()))
    }

    /// Notes when waiting tasks are due, and forgets what was due before `now`.
    pub async fn note_due(&self, tasks: &[(TaskId, Time)], now: Time) -> RedisResult<()> {
        let mut pipe = redis::pipe();
        pipe.zrembyscore(DUE, "-inf", now.timestamp_millis()).ignore();
        for (task, due_at) in tasks {
            pipe.zadd(DUE, task.0, due_at.timestamp_millis()).ignore();
        }
        pipe.zremrangebyrank(DUE, DUE_LENGTH, -1).ignore();
        self.ask(pipe.query_async(&mut self.manager())).await
    }

    /// When the next waiting task is due.
    pub async fn next_due(&self) -> RedisResult<Option<Time>> {
        let first: Vec<(u64, f64)> = self.ask(self.manager().zrange_withscores(DUE, 0, 0)).await?;
        Ok(first.first().and_then(|(_, at_ms)| Time::from_timestamp_millis(*at_ms as i64)))
    }

    /// A reader of these queues with a connection of its own, since its reading blocks.
    pub async fn reader(&self, queues: Vec<String>, wait: Duration) -> RedisResult<Reader> {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER_LIMIT))
            .set_response_timeout(Some(wait + ANSWER_LIMIT));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok(Reader { connection, queues, turn: 0, wait })
    }
}

/// Reads the lists, one blocking call at a time.
pub struct Reader {
    connection: redis::aio::MultiplexedConnection,
    queues: Vec<String>,
    /// Whose queue comes first among those of one priority.
    turn: usize,
    wait: Duration,
}

impl Reader {
    /// At most `count` tasks of the first list that has any: by priority, then the queues in turn. None when none came in time.
    /// After an error it is of no use any more.
    pub async fn read(&mut self, count: usize) -> RedisResult<Vec<TaskId>> {
        self.turn = self.turn.wrapping_add(1) % self.queues.len().max(1);
        let (behind, first) = self.queues.split_at(self.turn);
        let mut ask = redis::cmd("BZMPOP");
        ask.arg(self.wait.as_secs_f64()).arg(self.queues.len() * Priority::ALL.len());
        for priority in Priority::ALL {
            for queue in first.iter().chain(behind) {
                ask.arg(list(queue, priority));
            }
        }
        ask.arg("MIN").arg("COUNT").arg(count);
        let taken: Option<(String, Vec<(u64, f64)>)> = ask.query_async(&mut self.connection).await?;
        Ok(taken.into_iter().flat_map(|(_, tasks)| tasks).map(|(task, _)| TaskId(task)).collect())
    }
}

fn list(queue: &str, priority: Priority) -> String {
    format!("{OFFER}:{queue}:{}", priority.word())
}

fn list_of(offer: &Offer) -> String {
    list(&offer.queue, offer.priority)
}

/// Adds offers to what is sent; a list that grows beyond its limit forgets what is due last, which is offered again. Answered by how
/// many each adds, and then by how many each list forgets.
pub(crate) fn push(pipe: &mut redis::Pipeline, offers: &[Offer]) {
    for offer in offers {
        pipe.zadd(list_of(offer), offer.task.0, offer.due_at.timestamp_millis());
    }
    for list in offers.iter().map(list_of).collect::<BTreeSet<_>>() {
        pipe.zremrangebyrank(list, LIST_LENGTH, -1);
    }
}
