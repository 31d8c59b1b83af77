//! Processes started ahead: each has read its configuration and waits for one task. It hears the task's number on its standard input,
//! whose other end control holds: an end of that without a number means that it is not needed. It says on its standard output that
//! it is ready, and then what it asks of the store ([`crate::relay`]).
//!
//! Whether a task runs is decided by its claim, as ever: a number that is handed out twice runs once.

use crate::{
    pen::HEARD,
    relay::{Answer, Ask, Posed},
};
use dbdesk_commands::{
    clock::Clock,
    id::TaskId,
    point::{Point, Points},
};
use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    process::Stdio,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    process::{ChildStdin, ChildStdout, Command},
    sync::oneshot,
    task::JoinSet,
};

/// A process may take so long until it is ready.
const READY_LIMIT: Duration = Duration::from_secs(10);
/// One that waited for so long makes room for a fresh one, which reads the configuration as it is by then.
const LIFE: Duration = Duration::from_mins(10);
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What a process says first: it is ready, and of this version.
#[must_use]
pub fn greeting(version: &str) -> String {
    format!("ready {version}")
}

/// The answer to what a process asks of the store.
pub type Answering = dyn Fn(Ask) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync;

/// How processes are started ahead, and what else control does with a task.
pub struct Order {
    /// Gives the launcher, which starts a process in a session of its own, and ends. No secrets in its arguments: everybody on the
    /// machine reads them.
    pub launcher: Box<dyn Fn() -> Command + Send + Sync>,
    /// A launcher said that it failed; one that was killed did not.
    pub failed: Box<dyn Fn() + Send + Sync>,
    /// Only a process of this version gets a task.
    pub version: String,
    /// Starts a process for a task that none waits for.
    pub cold: Box<dyn Fn(TaskId) -> io::Result<()> + Send + Sync>,
    /// The store's time.
    pub clock: Clock,
    /// Asks the store.
    pub answer: Box<Answering>,
    /// What happens between handing over, the store's answer, and passing it on.
    pub points: Points,
}

#[derive(Default)]
struct Line {
    /// Who waits for a task.
    idle: VecDeque<oneshot::Sender<TaskId>>,
    /// How many will be ready soon.
    starting: usize,
    /// Tasks for those.
    pending: VecDeque<TaskId>,
}

struct Shared {
    order: Order,
    line: Mutex<Line>,
}

/// A number of processes started ahead. Dropped, those that wait end; those that work work on.
pub struct Warm {
    shared: Arc<Shared>,
    _places: JoinSet<()>,
}

impl Warm {
    /// Keeps so many ready, within this runtime.
    #[must_use]
    pub fn start(order: Order, count: u32) -> Self {
        let shared = Arc::new(Shared { order, line: Mutex::default() });
        let mut places = JoinSet::new();
        for _ in 0..count {
            places.spawn(place(Arc::clone(&shared)));
        }
        Self { shared, _places: places }
    }

    /// Hands a task to a process that waits, or that will be ready soon; else starts one for it.
    pub fn launch(&self, task: TaskId) -> io::Result<()> {
        {
            let mut line = self.shared.line();
            while let Some(next) = line.idle.pop_front() {
                if next.send(task).is_ok() {
                    return Ok(());
                }
            }
            if line.pending.len() < line.starting {
                line.pending.push_back(task);
                return Ok(());
            }
        }
        (self.shared.order.cold)(task)
    }
}

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cold(&self, task: TaskId) {
        // It stays ready in the store and is offered again.
        if let Err(error) = (self.order.cold)(task) {
            tracing::error!(%task, %error, "its process could not be started");
        }
    }
}

/// Counts one process as starting, until it is ready or is not going to be.
struct Starting<'a>(&'a Shared);

impl<'a> Starting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.line().starting += 1;
        Self(shared)
    }
}

impl Drop for Starting<'_> {
    fn drop(&mut self) {
        let mut line = self.0.line();
        line.starting -= 1;
        let keep = line.starting.min(line.pending.len());
        let left = line.pending.split_off(keep);
        drop(line);
        for task in left {
            self.0.cold(task);
        }
    }
}

/// One place: a process waits there, and as soon as it got its task the next one is started.
async fn place(shared: Arc<Shared>) {
    let mut wait = FIRST_WAIT;
    loop {
        match one(&shared).await {
            Ok(()) => wait = FIRST_WAIT,
            Err(error) => {
                tracing::warn!(%error, again_ms = wait.as_millis(), "a process could not be started ahead");
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

/// One process, until it has its task or is gone.
async fn one(shared: &Arc<Shared>) -> io::Result<()> {
    let starting = Starting::new(shared);
    let (input, mut said) = begin(shared)?;
    let first = tokio::time::timeout(READY_LIMIT, said.next_line()).await??;
    let wanted = greeting(&shared.order.version);
    if first.as_ref() != Some(&wanted) {
        let first = first.unwrap_or_default();
        return Err(io::Error::other(format!("it should say “{wanted}”, and said “{first}”")));
    }
    let (give, mut given) = oneshot::channel();
    let task = {
        let mut line = shared.line();
        let task = line.pending.pop_front();
        if task.is_none() {
            line.idle.push_back(give);
        }
        task
    };
    drop(starting);
    let task = if task.is_some() {
        task
    } else {
        tokio::select! {
            given = &mut given => given.ok(),
            // Ended by somebody, or for too long here.
            _ = said.next_line() => None,
            () = tokio::time::sleep(LIFE) => None,
        }
    };
    let Some(task) = task else {
        dismissed(shared, given);
        return Ok(());
    };
    tokio::spawn(hand(Arc::clone(shared), task, input, said));
    Ok(())
}

/// What came to a process that is gone in the same moment is for another.
fn dismissed(shared: &Shared, mut given: oneshot::Receiver<TaskId>) {
    given.close();
    if let Ok(task) = given.try_recv() {
        shared.cold(task);
    }
}

/// Without anything between fork and exec, so that no memory is copied however large this process is.
fn begin(shared: &Arc<Shared>) -> io::Result<(ChildStdin, Lines<BufReader<ChildStdout>>)> {
    let mut launcher = (shared.order.launcher)().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let (Some(input), Some(output)) = (launcher.stdin.take(), launcher.stdout.take()) else {
        return Err(io::Error::other("it has no pipes"));
    };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        if launcher.wait().await.is_ok_and(|status| status.code().is_some_and(|code| code != 0)) {
            (shared.order.failed)();
        }
    });
    Ok((input, BufReader::new(output).lines()))
}

/// Hands the task over, and answers what its process asks.
async fn hand(
    shared: Arc<Shared>,
    task: TaskId,
    mut input: ChildStdin,
    mut said: Lines<BufReader<ChildStdout>>,
) {
    let now_ms = shared.order.clock.now().timestamp_millis();
    let handed = input.write_all(format!("{} {now_ms}\n", task.0).as_bytes()).await.is_ok();
    shared.order.points.at(Point::ControlHanded);
    let mut heard = false;
    while handed && let Ok(Some(line)) = said.next_line().await {
        heard = true;
        let Some(ask) = wanted(&line) else { continue };
        if input.write_all(format!("{HEARD}\n").as_bytes()).await.is_err() {
            break;
        }
        let answer = (shared.order.answer)(ask).await;
        shared.order.points.at(Point::ControlAnswering);
        let Ok(answer) = serde_json::to_string(&answer) else { break };
        let answer = answer + "\n";
        if input.write_all(answer.as_bytes()).await.is_err() {
            break;
        }
    }
    if !heard {
        tracing::warn!(%task, "the process that waited for it ended before its claim; another is started");
        shared.cold(task);
    }
}

fn wanted(line: &str) -> Option<Ask> {
    let posed: Posed = serde_json::from_str(line)
        .inspect_err(|error| tracing::error!(%error, "a process asks what is no question"))
        .ok()?;
    posed.wanted()
}
