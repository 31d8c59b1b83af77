//! Redis, the dispatch engine: it carries the numbers of tasks and nothing else. Whatever stands there can be lost.

use dbdesk_commands::{clock::Time, id::TaskId};
use redis::{
    AsyncCommands as _, Client, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
    streams::{
        StreamAutoClaimOptions, StreamAutoClaimReply, StreamMaxlen, StreamReadOptions, StreamReadReply,
    },
};
use std::{fmt, time::Duration};

/// The stream of tasks that are ready.
const READY: &str = "dbdesk:ready";
/// Its one consumer group.
const GROUP: &str = "control";
/// When waiting tasks are due: a sorted set.
const DUE: &str = "dbdesk:due";
/// There as long as Redis was not emptied.
const MARK: &str = "dbdesk:mark";
/// Where it is published that something changed.
pub(crate) const WAKE: &str = "dbdesk:wake";

/// The stream keeps about so many.
const STREAM_LENGTH: usize = 10_000;
/// The sorted set keeps so many.
const DUE_LENGTH: isize = 10_000;
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// A consumer that asked for nothing for so long and owes nothing is forgotten.
const CONSUMER_LIFE: Duration = Duration::from_hours(1);

/// A message of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The message, for its acknowledgement.
    pub message: String,
    /// The task.
    pub task: TaskId,
}

/// A connection that comes back by itself. Its `Debug` does not show the password.
#[derive(Clone)]
pub struct Redis {
    client: Client,
    manager: ConnectionManager,
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
        Ok(Self { client, manager })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn manager(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// Whether it answers.
    pub async fn ping(&self) -> RedisResult<()> {
        redis::cmd("PING").query_async(&mut self.manager()).await
    }

    /// For control only, which tells it everything again. Whether it is empty: new, flushed, or started without its data. The first to ask is told yes, the others no. The stream
    /// and its group are there afterwards.
    pub async fn is_new(&self) -> RedisResult<bool> {
        let mut redis = self.manager();
        let set: Option<String> =
            redis::cmd("SET").arg(MARK).arg("1").arg("NX").query_async(&mut redis).await?;
        if set.is_some() {
            self.make_group().await?;
        }
        Ok(set.is_some())
    }

    async fn make_group(&self) -> RedisResult<()> {
        let mut redis = self.manager();
        let made: RedisResult<()> = redis.xgroup_create_mkstream(READY, GROUP, "0").await;
        match made {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            other => other,
        }
    }

    /// Puts tasks on the stream.
    pub async fn offer(&self, tasks: &[TaskId]) -> RedisResult<()> {
        let mut pipe = redis::pipe();
        for task in tasks {
            pipe.xadd_maxlen(READY, StreamMaxlen::Approx(STREAM_LENGTH), "*", &[("task", task.0)]).ignore();
        }
        pipe.query_async(&mut self.manager()).await
    }

    /// Takes messages that nobody has acknowledged for `idle` over from consumers that died.
    pub async fn take_over(&self, consumer: &str, idle: Duration) -> RedisResult<Vec<Offered>> {
        let mut redis = self.manager();
        let reply: RedisResult<StreamAutoClaimReply> = redis
            .xautoclaim_options(
                READY,
                GROUP,
                consumer,
                idle.as_millis() as u64,
                "0-0",
                StreamAutoClaimOptions::default().count(100),
            )
            .await;
        match reply {
            Ok(reply) => Ok(reply.claimed.iter().filter_map(offered).collect()),
            Err(error) if is_no_group(&error) => self.make_group().await.map(|()| Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Acknowledges messages and removes them.
    pub async fn done(&self, messages: &[String]) -> RedisResult<()> {
        if messages.is_empty() {
            return Ok(());
        }
        redis::pipe()
            .xack(READY, GROUP, messages)
            .ignore()
            .xdel(READY, messages)
            .ignore()
            .query_async(&mut self.manager())
            .await
    }

    /// Forgets consumers that are long gone, and cuts the stream.
    pub async fn sweep(&self) -> RedisResult<()> {
        let mut redis = self.manager();
        let consumers: redis::streams::StreamInfoConsumersReply = redis.xinfo_consumers(READY, GROUP).await?;
        for consumer in consumers.consumers {
            if consumer.pending == 0 && consumer.idle as u128 > CONSUMER_LIFE.as_millis() {
                let _: u64 = redis.xgroup_delconsumer(READY, GROUP, &consumer.name).await?;
            }
        }
        let _: u64 = redis.xtrim(READY, StreamMaxlen::Approx(STREAM_LENGTH)).await?;
        Ok(())
    }

    /// Notes when waiting tasks are due, and forgets what was due before `now`.
    pub async fn note_due(&self, tasks: &[(TaskId, Time)], now: Time) -> RedisResult<()> {
        let mut pipe = redis::pipe();
        pipe.zrembyscore(DUE, "-inf", now.timestamp_millis()).ignore();
        for (task, due_at) in tasks {
            pipe.zadd(DUE, task.0, due_at.timestamp_millis()).ignore();
        }
        pipe.zremrangebyrank(DUE, DUE_LENGTH, -1).ignore();
        pipe.query_async(&mut self.manager()).await
    }

    /// When the next waiting task is due.
    pub async fn next_due(&self) -> RedisResult<Option<Time>> {
        let first: Vec<(u64, f64)> = self.manager().zrange_withscores(DUE, 0, 0).await?;
        Ok(first.first().and_then(|(_, at_ms)| Time::from_timestamp_millis(*at_ms as i64)))
    }

    /// A reader with a connection of its own, since its reading blocks.
    pub async fn reader(&self, consumer: &str, wait: Duration) -> RedisResult<Reader> {
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(ANSWER_LIMIT))
            .set_response_timeout(Some(wait + ANSWER_LIMIT));
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        self.make_group().await?;
        Ok(Reader { connection, consumer: consumer.to_owned(), wait })
    }
}

/// Reads the stream, one blocking call at a time.
pub struct Reader {
    connection: redis::aio::MultiplexedConnection,
    consumer: String,
    wait: Duration,
}

impl Reader {
    /// At most `count` new messages; none when none came in time. After an error it is of no use any more.
    pub async fn read(&mut self, count: usize) -> RedisResult<Vec<Offered>> {
        let options = StreamReadOptions::default()
            .group(GROUP, &self.consumer)
            .block(self.wait.as_millis() as usize)
            .count(count);
        let reply: Option<StreamReadReply> =
            self.connection.xread_options(&[READY], &[">"], &options).await?;
        Ok(reply.iter().flat_map(|reply| &reply.keys).flat_map(|key| &key.ids).filter_map(offered).collect())
    }
}

fn offered(message: &redis::streams::StreamId) -> Option<Offered> {
    Some(Offered { message: message.id.clone(), task: TaskId(message.get("task")?) })
}

fn is_no_group(error: &RedisError) -> bool {
    error.code() == Some("NOGROUP")
}
