//! Dispatch: what was offered is started, as far as there is room on this machine and it may run beside what runs. What must wait
//! is kept here for the next look; if this control dies, the store offers it again.

use crate::redis::{Reader, Redis};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::{
    clock::Time,
    id::TaskId,
    wire::{task::Priority, waits::Waits},
};
use dbdesk_store::{
    Error, Pool, closed,
    queue::{self, Candidate, Look},
    run::Admission,
};
use dbdesk_ticket::admission::{Running, Work};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// Most tasks kept for the next look; others are offered again later.
const MOST_KEPT: usize = 1_000;
/// A process that has not claimed for so long after its start did not come up …
const START_LIMIT: Duration = Duration::from_secs(5);
/// … or for so many times as long as a question to the store takes: a claim is many, one after the other.
const START_QUESTIONS: u32 = 20;
/// All that is kept is looked at so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Most tasks that are read at a time.
const READ_AT_ONCE: usize = 64;
const READ_WAIT: Duration = Duration::from_secs(1);
const READ_AGAIN: Duration = Duration::from_millis(300);

/// Starts `dbdesk detach` for a task.
pub type Launch = dyn Fn(TaskId) -> io::Result<()> + Send + Sync;

/// The place of a task in the order of starting.
type Place = (Priority, Time, TaskId);

/// What one control knows of what it was offered.
pub struct Dispatcher {
    store: Pool,
    host: String,
    per_host: usize,
    admission: Admission,
    /// Each with the closed time that keeps it, as it was when it was looked at.
    kept: BTreeMap<Place, (Work, Option<Waits>)>,
    launched: BTreeMap<TaskId, (Work, Instant)>,
    /// Their processes did not start them, or are done with them; looked at with all that is kept.
    back: BTreeSet<TaskId>,
    /// When all that is kept was looked at.
    looked: Option<Instant>,
    /// Some group is closed now and then, as it was then.
    closes: bool,
}

/// A task that could not start, since when it could have, and what it waits for.
pub type Waiting = (TaskId, Time, Waits);

/// What a round came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Places that are left on this machine.
    pub room: usize,
    /// Looked at now and then only; `None` between.
    pub waiting: Option<Vec<Waiting>>,
}

impl Dispatcher {
    /// Knows nothing yet. `per_host`: how much may run at once on this machine.
    #[must_use]
    pub fn new(store: Pool, host: String, per_host: usize, admission: Admission) -> Self {
        let (kept, launched, back) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { store, host, per_host, admission, kept, launched, back, looked: None, closes: false }
    }

    /// Whether something was started here that has not claimed its task yet.
    #[must_use]
    pub fn is_starting(&self) -> bool {
        !self.launched.is_empty()
    }

    /// The process of this task does not start it now, or is done with it. What is to start still keeps its place, but is not started
    /// again at once: its claim may have seen what this control does not.
    pub fn given_back(&mut self, task: TaskId) {
        self.launched.remove(&task);
        self.back.insert(task);
    }

    /// Forgets what was not started.
    pub fn forget_kept(&mut self) {
        self.kept.clear();
        self.back.clear();
    }

    /// Starts what can be started of what was offered now and before.
    pub async fn round(&mut self, offered: &[TaskId], now: Time, launch: &Launch) -> Result<Round, Error> {
        let looks = self.looked.is_none_or(|looked| looked.elapsed() >= LOOK_EVERY);
        let known: BTreeSet<TaskId> =
            self.kept.keys().map(|(_, _, task)| *task).chain(self.back.iter().copied()).collect();
        let fresh = offered.iter().filter(|task| !known.contains(task) && !self.launched.contains_key(task));
        let again = known.iter().filter(|_| looks);
        let asked: Vec<TaskId> = fresh.chain(again).chain(self.launched.keys()).copied().collect();
        if looks {
            self.closes = closed::any(&self.store).await?;
        }
        let since = Instant::now();
        // What closes within a second is found out by the claim.
        let closed = async {
            if self.closes { closed::keep(&self.store, &asked, now).await } else { Ok(BTreeMap::new()) }
        };
        let (Look { ready, busy }, closed) = tokio::try_join!(queue::look(&self.store, &asked), closed)?;
        let start_limit = START_LIMIT.max(since.elapsed() * START_QUESTIONS);
        self.take_in(ready, &closed, looks, start_limit);
        let mut here = self.launched.len()
            + busy.iter().filter(|busy| busy.host.as_deref() == Some(self.host.as_str())).count();
        let mut running = Running::default();
        let starting = self.launched.values().map(|(work, _)| work.clone());
        starting.chain(busy.into_iter().map(|busy| busy.work)).for_each(|work| running.add(work));
        let places: Vec<Place> = self.kept.keys().copied().collect();
        for place in places {
            if here >= self.per_host {
                break;
            }
            let Some((work, closed)) = self.kept.get(&place) else { continue };
            if closed.is_some()
                || running.admits(work, &self.admission.limits, &self.admission.exclusion).is_err()
            {
                continue;
            }
            let Some((work, _)) = self.kept.remove(&place) else { continue };
            match launch(work.task) {
                Ok(()) => {
                    here += 1;
                    running.add(work.clone());
                    self.launched.insert(work.task, (work, Instant::now()));
                }
                // It stays ready in the store and is offered again.
                Err(error) => tracing::error!(task = %work.task, %error, "its process could not be started"),
            }
        }
        let room = self.per_host.saturating_sub(here);
        Ok(Round { room, waiting: looks.then(|| self.waiting(&running, room > 0)) })
    }

    /// Keeps what is ready; forgets what was started and is claimed, ended or dropped by now.
    fn take_in(
        &mut self,
        ready: Vec<Candidate>,
        closed: &BTreeMap<TaskId, Waits>,
        looks: bool,
        start_limit: Duration,
    ) {
        let on_its_way: BTreeSet<TaskId> = ready.iter().map(|candidate| candidate.work.task).collect();
        self.launched.retain(|task, (_, since)| on_its_way.contains(task) && since.elapsed() < start_limit);
        if looks {
            self.looked = Some(Instant::now());
            // It is asked of all of them: what is not ready any more goes, and a new priority counts.
            self.kept.clear();
            self.back.clear();
        }
        for Candidate { work, priority, due_at } in ready {
            if !self.launched.contains_key(&work.task) {
                let closed = closed.get(&work.task).cloned();
                self.kept.insert((priority, due_at, work.task), (work, closed));
            }
        }
        self.forget_beyond(MOST_KEPT);
    }

    /// Of each group the first stay, then the second, and so on: many of one group, or of one that is closed for hours, must not crowd
    /// out what may start.
    fn forget_beyond(&mut self, most: usize) {
        if self.kept.len() <= most {
            return;
        }
        let mut turns: BTreeMap<GroupId, u32> = BTreeMap::new();
        let turn = |(place, (work, closed)): (&Place, &(Work, Option<Waits>))| {
            let turn = turns.entry(work.group).or_default();
            *turn += 1;
            (closed.is_some(), *turn, *place)
        };
        let mut order: Vec<_> = self.kept.iter().map(turn).collect();
        order.sort_unstable();
        for (_, _, place) in order.drain(most..) {
            self.kept.remove(&place);
        }
    }

    fn waiting(&self, running: &Running, has_room: bool) -> Vec<Waiting> {
        let waits =
            |work: &Work| match running.admits(work, &self.admission.limits, &self.admission.exclusion) {
                Err(waits) => Some(waits),
                Ok(()) => (!has_room).then_some(Waits::Room),
            };
        let all = self.kept.iter();
        all.filter_map(|((_, due_at, task), (work, closed))| {
            Some((*task, *due_at, closed.clone().or_else(|| waits(work))?))
        })
        .collect()
    }
}

/// Reads the lists of these queues as long as there is room, and hands on what it reads. Ends when nobody takes it any more.
pub async fn read(
    redis: Redis,
    queues: Vec<String>,
    mut room: watch::Receiver<usize>,
    to: mpsc::Sender<Vec<TaskId>>,
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
            None => match redis.reader(queues.clone(), READ_WAIT).await {
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
                tracing::debug!(%error, "the lists can not be read; it is tried again");
                reader = None;
                tokio::time::sleep(READ_AGAIN).await;
            }
        }
    }
}
