//! Dispatch: what was offered is started, as far as there is room on this machine and in its service group. What has no room is
//! kept here for the next look; if this control dies, the store offers it again.

use crate::redis::{Offered, Reader, Redis};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::id::TaskId;
use dbdesk_store::{Error, Pool, queue};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// Most tasks kept for the next look; others are offered again later.
const MOST_KEPT: usize = 1_000;
/// A process that has not claimed for so long after its start did not come up.
const START_LIMIT: Duration = Duration::from_secs(15);
/// Most messages that are read at a time.
const READ_AT_ONCE: usize = 64;
const READ_WAIT: Duration = Duration::from_secs(1);
const READ_AGAIN: Duration = Duration::from_millis(300);

/// How much may run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// On this machine.
    pub per_host: usize,
    /// In one service group, on all machines.
    pub per_group: usize,
}

/// Starts `dbdesk detach` for a task.
pub type Launch = dyn Fn(TaskId) -> io::Result<()> + Send + Sync;

/// What one control knows of what it was offered.
pub struct Dispatcher {
    store: Pool,
    host: String,
    room: Room,
    kept: BTreeSet<TaskId>,
    launched: BTreeMap<TaskId, Instant>,
}

impl Dispatcher {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(store: Pool, host: String, room: Room) -> Self {
        Self { store, host, room, kept: BTreeSet::new(), launched: BTreeMap::new() }
    }

    /// Starts what can be started of what was offered now and before; gives how much room is left on this machine.
    pub async fn round(&mut self, offered: &[TaskId], launch: &Launch) -> Result<usize, Error> {
        for task in offered {
            if self.kept.len() < MOST_KEPT && !self.launched.contains_key(task) {
                self.kept.insert(*task);
            }
        }
        let asked: Vec<TaskId> = self.kept.iter().chain(self.launched.keys()).copied().collect();
        let ready = queue::still_ready(&self.store, &asked).await?;
        let busy = queue::busy(&self.store).await?;
        // Claimed, ended or dropped: not on its way any more.
        let on_its_way: BTreeSet<TaskId> = ready.iter().map(|(task, _)| *task).collect();
        self.launched.retain(|task, since| on_its_way.contains(task) && since.elapsed() < START_LIMIT);
        let mut here = self.launched.len()
            + busy.iter().filter(|busy| busy.host.as_deref() == Some(self.host.as_str())).count();
        let mut groups: BTreeMap<GroupId, usize> = BTreeMap::new();
        let starting =
            ready.iter().filter(|(task, _)| self.launched.contains_key(task)).map(|(_, group)| *group);
        for group in busy.iter().map(|busy| busy.group).chain(starting) {
            *groups.entry(group).or_default() += 1;
        }
        self.kept.retain(|task| on_its_way.contains(task));
        // In the order of their times.
        for (task, group) in ready {
            let in_group = groups.entry(group).or_default();
            if !self.kept.contains(&task) || here >= self.room.per_host || *in_group >= self.room.per_group {
                continue;
            }
            self.kept.remove(&task);
            match launch(task) {
                Ok(()) => {
                    self.launched.insert(task, Instant::now());
                    here += 1;
                    *in_group += 1;
                }
                // It stays ready in the store and is offered again.
                Err(error) => tracing::error!(%task, %error, "its process could not be started"),
            }
        }
        Ok(self.room.per_host.saturating_sub(here))
    }
}

/// Reads the stream as long as there is room, and hands on what it reads. Ends when nobody takes it any more.
pub async fn read(
    redis: Redis,
    consumer: String,
    mut room: watch::Receiver<usize>,
    to: mpsc::Sender<Vec<Offered>>,
) {
    let mut reader: Option<Reader> = None;
    while !to.is_closed() {
        let free = *room.borrow_and_update();
        if free == 0 {
            let _ = tokio::time::timeout(READ_WAIT, room.changed()).await;
            continue;
        }
        let offered = match &mut reader {
            Some(reader) => reader.read(free.min(READ_AT_ONCE)).await,
            None => match redis.reader(&consumer, READ_WAIT).await {
                Ok(fresh) => {
                    reader = Some(fresh);
                    continue;
                }
                Err(error) => Err(error),
            },
        };
        match offered {
            Ok(offered) if offered.is_empty() => {}
            Ok(offered) => {
                if to.send(offered).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the stream can not be read; it is tried again");
                reader = None;
                tokio::time::sleep(READ_AGAIN).await;
            }
        }
    }
}
