//! One control: it wakes by notification and by timer, and runs the reconcilers and the dispatch. Any number of controls work
//! side by side without a leader.

use crate::{
    dispatch::{self, Dispatcher, Launch, Waiting},
    force::Means,
    reconcile::{self, Look, Offer},
    redis::Redis,
    wake::{self, Waker},
};
use chrono::TimeDelta;
use dbdesk_cmdb::label;
use dbdesk_commands::{
    clock::{Clock, Time},
    id::{TaskId, TicketId},
    point::{Point, Points},
    wire::entry::Event,
};
use dbdesk_store::{
    Error, Pool,
    control::{self as registry, About},
    queue::Held,
    run::Admission,
};
use pulse::{Loop, Pulse};
use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use step::Step;
use tokio::sync::{Notify, mpsc, watch};

mod pulse;
mod rescue;
mod step;

pub use pulse::Stuck;

/// Between two rounds at least: a burst of hints is one look.
const BREATH: Duration = Duration::from_millis(10);
/// What was offered is looked at again after so many times as long as looking at it took.
const REST_FOR_EACH: u32 = 20;
/// Between two tellings of Redis, at least.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// Between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_mins(10);
/// Between two looks for answers that came too late.
const LATE_EVERY: Duration = Duration::from_secs(10);
/// To say that it is gone.
const FAREWELL: Duration = Duration::from_secs(5);
/// A control that drains waits so long for what it started to claim its task.
const DRAIN_LIMIT: Duration = Duration::from_secs(20);

/// How a control works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What it says of itself to the others.
    pub about: About,
    /// What may run at once over all machines.
    pub admission: Admission,
    /// Looks at least so often.
    pub tick_ms: u64,
    /// An offer that nobody took is repeated after so long.
    pub offer_again_ms: u32,
    /// How long a lease lasts: the store must have answered for so long before a lease that is over is believed.
    pub lease_ms: u64,
    /// A lease that was not proven for so long makes its process one that does not answer.
    pub silent_after_ms: u64,
    /// A process that does not answer may be asked to stop for so long before it is told to end by a signal.
    pub cancel_grace_ms: u64,
    /// After that signal it may take so long, then it is ended by force.
    pub kill_after_ms: u64,
    /// Whatever waits for so long does so in vain. With two seconds a round trip and much to tell, one step of a loop takes minutes.
    pub stuck_ms: u64,
    /// Rows that statements touched are kept for so long.
    pub backups_last: TimeDelta,
}

impl Settings {
    /// As in production, but for `control.stuck_ms`.
    #[must_use]
    pub fn usual(about: About, admission: Admission) -> Self {
        Self {
            about,
            admission,
            tick_ms: 1_000,
            offer_again_ms: 1_000,
            lease_ms: dbdesk_store::run::LEASE_MS,
            silent_after_ms: 12_000,
            cancel_grace_ms: 30_000,
            kill_after_ms: 10_000,
            stuck_ms: 900_000,
            backups_last: TimeDelta::days(30),
        }
    }
}

/// The end of a process.
pub type End = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a process kept of the statement in flight.
pub type Known = dyn Fn(&Held) -> Option<Event> + Send + Sync;

/// Answers that processes kept, each with its task and the epoch of its lease.
pub type Kept = dyn Fn() -> Vec<(TaskId, u64, Event)> + Send + Sync;

/// What control can do on its machine.
#[derive(Clone)]
pub struct Hands {
    /// Starts `dbdesk detach` for a task.
    pub launch: Arc<Launch>,
    /// Whether the process of this task, which is on this machine, is gone.
    pub gone: Arc<dyn Fn(&Held) -> bool + Send + Sync>,
    /// What that process kept of the statement in flight.
    pub known: Arc<Known>,
    /// What the target says of the statement in flight.
    pub seen: Arc<Look>,
    /// What can be done to a process that does not hear that it is to stop.
    pub means: Means,
    /// Waits for the end of a task's process on this machine.
    pub end: Arc<dyn Fn(&Held) -> End + Send + Sync>,
    /// What processes of this machine kept and could not write: task, epoch, answer.
    pub kept: Arc<Kept>,
    /// Such an answer is not needed any more.
    pub forget: Arc<dyn Fn(TaskId, u64) + Send + Sync>,
    /// Clears away what is old on this machine.
    pub sweep: Arc<dyn Fn(Time) + Send + Sync>,
    /// What happens between two writes, and between a write and a message.
    pub points: Points,
}

/// One control at work.
#[derive(Clone)]
struct Control {
    settings: Settings,
    store: Pool,
    redis: Redis,
    clock: Clock,
    hands: Hands,
    /// Something may be due or ready.
    work: Arc<Notify>,
    /// A process may have ended.
    ended: Arc<Notify>,
    waker: Arc<Waker>,
    watched: Arc<Mutex<BTreeSet<(TaskId, u64)>>>,
    /// Being stopped by force; each once.
    forced: Arc<Mutex<BTreeSet<(TaskId, u64)>>>,
    standing: watch::Sender<Standing>,
    waiting: watch::Sender<Vec<Waiting>>,
    pulse: Arc<Pulse>,
}

/// What the store says of this control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    /// It is to take nothing more.
    drains: bool,
    /// Another machine uses the same name: which processes are whose can not be told.
    clashes: bool,
}

/// What reaches dispatch.
enum Intake {
    Offered(Vec<TaskId>),
    Back(TaskId),
    Room,
}

/// Works until `stop` says so, or it has drained. What runs meanwhile runs on. `back`: tasks whose process here did not start them, or
/// is done with them; a hint, by which room is seen at once. An error: it can not go on, and has to begin anew.
pub async fn control(
    settings: Settings,
    store: Pool,
    redis: Redis,
    clock: Clock,
    hands: Hands,
    back: mpsc::Receiver<TaskId>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Stuck> {
    let waker = Arc::new(Waker::start(&redis));
    let control = Control {
        settings,
        store,
        redis,
        clock,
        hands,
        work: Arc::new(Notify::new()),
        ended: Arc::new(Notify::new()),
        waker,
        watched: Arc::default(),
        forced: Arc::default(),
        // As long as it is not known, nothing is believed of processes.
        standing: watch::Sender::new(Standing { drains: false, clashes: true }),
        waiting: watch::Sender::default(),
        pulse: Arc::default(),
    };
    let (here, intake) = mpsc::channel(16);
    let work = Arc::clone(&control.work);
    let stuck = Duration::from_millis(control.settings.stuck_ms);
    let ended = tokio::select! {
        _ = stop.wait_for(|stop| *stop) => Ok(()),
        () = wake::listen(&control.redis, |_| work.notify_one()) => Ok(()),
        () = control.offering(here.clone()) => Ok(()),
        () = control.rescuing(here.clone()) => Ok(()),
        () = control.dispatching(here, intake, back) => Ok(()),
        () = control.registering() => Ok(()),
        () = control.sweeping() => Ok(()),
        stuck = control.pulse.stops(stuck) => Err(stuck),
    };
    let gone = registry::gone(&control.store, &control.settings.about.name);
    let _ = tokio::time::timeout(FAREWELL, gone).await;
    ended
}

impl Control {
    /// Promotes and offers: at each hint, at the next due time, and at each tick.
    async fn offering(&self, here: mpsc::Sender<Intake>) {
        let mut rebuild = Step::new("rebuild");
        let mut promote = Step::new("promote");
        let mut offer = Step::new("offer");
        let mut remember = Step::new("remember");
        let again = Duration::from_millis(u64::from(self.settings.offer_again_ms));
        let tick = Duration::from_millis(self.settings.tick_ms);
        let (mut told, mut repeated): (Option<Instant>, Option<Instant>) = (None, None);
        let mut rest = again;
        let points = &self.hands.points;
        loop {
            self.pulse.beat(Loop::Offering);
            let now = self.clock.now();
            // Each running task hints at each of its steps; what is only about Redis need not follow every hint.
            let tell = told.is_none_or(|told| told.elapsed() >= TELL_EVERY);
            if tell {
                rebuild.done(reconcile::rebuild(&self.store, &self.redis, now, points).await);
            }
            if promote.done(reconcile::promote(&self.store, now).await).is_some_and(|many| many > 0) {
                points.at(Point::ControlPromoted);
            }
            // All that waits for its turn was offered long ago: that is looked at now and then.
            let repeats = repeated.is_none_or(|repeated| repeated.elapsed() >= rest);
            let stale = repeats.then(|| TimeDelta::from_std(again).unwrap_or_default());
            let since = Instant::now();
            let offered = offer.done(reconcile::offer(&self.store, &self.redis, now, stale, points).await);
            if repeats {
                // Of very many that wait, finding those that come first takes the store a while.
                (repeated, rest) = (Some(since), again.max(since.elapsed() * REST_FOR_EACH));
            }
            match offered {
                Some(Offer::Here(tasks)) => {
                    let _ = here.send(Intake::Offered(tasks)).await;
                }
                // There may be more.
                Some(Offer::Made(made)) if made > 0 => self.work.notify_one(),
                Some(Offer::Made(_)) | None => {}
            }
            if tell {
                remember.done(reconcile::remember(&self.store, &self.redis, now).await);
                told = Some(Instant::now());
            }
            // What had no room may have some by now.
            let _ = here.try_send(Intake::Room);
            // What is due stays due while the store is away: no reason to ask it without a pause.
            tokio::time::sleep(if promote.failing { tick } else { BREATH }).await;
            let look = if tell { tick } else { tick.min(TELL_EVERY) };
            tokio::select! {
                () = self.work.notified() => {}
                () = tokio::time::sleep(self.until_due().await.min(look)) => {}
            }
        }
    }

    async fn until_due(&self) -> Duration {
        match self.redis.next_due().await {
            Ok(Some(due)) => (due - self.clock.now()).to_std().unwrap_or_default(),
            Ok(None) | Err(_) => Duration::MAX,
        }
    }

    fn tell(&self, tickets: &[TicketId]) {
        for ticket in tickets {
            self.hands.points.at(Point::ControlTelling);
            self.waker.wake(*ticket);
        }
    }

    /// Says that this control works, and hears whether it is to drain.
    async fn registering(&self) {
        let mut seen = Step::new("register");
        let mut told = false;
        loop {
            self.pulse.beat(Loop::Registering);
            let about = &self.settings.about;
            let look = async {
                // Side by side: with a slow store one after the other would come too late, and the others take it for dead.
                let ((), all) = tokio::try_join!(
                    registry::seen(&self.store, about, self.clock.now()),
                    registry::all(&self.store)
                )?;
                let drains = all.iter().any(|row| row.about.name == about.name && row.drains);
                let clashes = all.iter().any(|row| {
                    let other = &row.about.process;
                    row.is_alive()
                        && other.host == about.process.host
                        && other.boot_id != about.process.boot_id
                });
                Ok::<_, Error>(Standing { drains, clashes })
            };
            if let Some(standing) = seen.done(look.await) {
                self.standing.send_replace(standing);
                if standing.clashes && !std::mem::replace(&mut told, standing.clashes) {
                    tracing::error!(
                        host = about.process.host,
                        "another machine works under the name of this one: give each its own `control.name`; until then the end of \
                         a process is only believed when its lease is over"
                    );
                }
            }
            tokio::time::sleep(Duration::from_millis(self.settings.tick_ms)).await;
        }
    }

    /// Starts what was offered, as far as there is room; ends when it has drained.
    async fn dispatching(
        &self,
        here: mpsc::Sender<Intake>,
        mut intake: mpsc::Receiver<Intake>,
        mut back: mpsc::Receiver<TaskId>,
    ) {
        let Settings { about, admission, .. } = &self.settings;
        let per_host = about.tasks_at_once as usize;
        let mut dispatcher =
            Dispatcher::new(self.store.clone(), about.process.host.clone(), per_host, admission.clone());
        let mut step = Step::new("dispatch");
        let (free, room) = watch::channel(per_host);
        let (read, mut offered) = mpsc::channel(1);
        let reading =
            tokio::spawn(dispatch::read(self.redis.clone(), label::queues(&about.labels), room, read));
        let reading = AbortOnDrop(reading);
        let mut standing = self.standing.subscribe();
        let passing_on = async {
            loop {
                let come = tokio::select! {
                    Some(offered) = offered.recv() => Intake::Offered(offered),
                    Some(task) = back.recv() => Intake::Back(task),
                    else => std::future::pending().await,
                };
                if here.send(come).await.is_err() {
                    return;
                }
            }
        };
        let Hands { launch: start, points, .. } = self.hands.clone();
        let launch = move |task| {
            points.at(Point::ControlLaunching);
            start(task)?;
            points.at(Point::ControlLaunched);
            Ok(())
        };
        let working = async {
            while let Some(come) = intake.recv().await {
                self.pulse.beat(Loop::Dispatching);
                let mut tasks = Vec::new();
                let mut next = Some(come);
                // What came meanwhile is looked at in one round.
                while let Some(come) = next {
                    match come {
                        Intake::Offered(offered) => {
                            self.hands.points.at(Point::ControlTaken);
                            tasks.extend(offered);
                        }
                        Intake::Back(task) => dispatcher.given_back(task),
                        Intake::Room => {}
                    }
                    next = intake.try_recv().ok();
                }
                if let Some(round) = step.done(dispatcher.round(&tasks, self.clock.now(), &launch).await) {
                    free.send_replace(round.room);
                    if let Some(waiting) = round.waiting {
                        self.waiting.send_replace(waiting);
                    }
                }
            }
        };
        tokio::select! {
            _ = standing.wait_for(|standing| standing.drains) => {}
            () = passing_on => {}
            () = working => {}
        }
        drop(reading);
        self.settled(dispatcher).await;
    }

    /// Waits until what was started has claimed its task.
    async fn settled(&self, mut dispatcher: Dispatcher) {
        tracing::info!("it drains: nothing more is taken");
        let refuse = |_: TaskId| Err(std::io::Error::other("this control drains"));
        let settling = async {
            while dispatcher.is_starting() {
                self.pulse.beat(Loop::Dispatching);
                dispatcher.forget_kept();
                let _ = dispatcher.round(&[], self.clock.now(), &refuse).await;
                tokio::time::sleep(TELL_EVERY).await;
            }
        };
        let _ = tokio::time::timeout(DRAIN_LIMIT, settling).await;
    }

    /// Tells answers that came late, and sweeps.
    async fn sweeping(&self) {
        let mut late = Step::new("late answers");
        let mut sweep = Step::new("sweep");
        let mut swept: Option<Instant> = None;
        loop {
            self.pulse.beat(Loop::Sweeping);
            let kept = (self.hands.kept)();
            let forget = |task, epoch| {
                self.hands.points.at(Point::ControlForgetting);
                (self.hands.forget)(task, epoch);
            };
            let told = reconcile::late(&self.store, &kept, &forget, self.clock.now()).await;
            if let Some(told) = late.done(told) {
                self.tell(&told);
            }
            if swept.is_none_or(|at| at.elapsed() >= SWEEP_EVERY) {
                swept = Some(Instant::now());
                (self.hands.sweep)(self.clock.now());
                let last = self.settings.backups_last;
                sweep.done(reconcile::sweep(&self.store, last, self.clock.now()).await);
            }
            tokio::time::sleep(LATE_EVERY).await;
        }
    }
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
