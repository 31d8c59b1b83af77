//! What a process has to say while it works: how far it is (the newest state only), and lines for its log. It never waits: what
//! finds no room is dropped, and that is said. The heartbeat takes it to the store.

use crate::run::Notify;
use dbdesk_commands::{
    clock::Clock,
    wire::live::{Blocker, Progress},
};
use dbdesk_store::{
    Pool,
    run::Lease,
    task_line::{self, Line, Lines},
};
use sqlx::MySqlConnection;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, Notify as Bell, mpsc, watch};

/// Lines kept of one task.
pub const MOST_LINES: u32 = 10_000;
/// Characters kept of one line.
pub const LINE_CHARS: usize = 2_000;
/// Lines that wait for the store.
const ROOM: usize = 1_000;
/// Lines in one write.
const BATCH: usize = 200;
/// Between two writes.
const WRITE_EVERY: Duration = Duration::from_millis(500);
/// Longest for what is left to be said at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// In place of what is dropped.
const CUT: &str = "The rest of the lines is left out.";

/// The end that speaks.
#[derive(Debug)]
pub struct Live {
    progress: watch::Sender<Option<Progress>>,
    lines: mpsc::Sender<Line>,
    /// Lines that found no room since the last one that did.
    missed: AtomicU32,
    bell: Arc<Bell>,
    clock: Clock,
}

impl Live {
    /// How far the running statement is.
    pub fn progress(&self, progress: Progress) {
        self.progress.send_replace(Some(progress));
        self.bell.notify_one();
    }

    /// Whose lock the statement was last seen to wait for.
    #[must_use]
    pub fn blocker(&self) -> Option<Blocker> {
        self.progress.borrow().as_ref().and_then(|progress| progress.blocker.clone())
    }

    /// A line for the log. No secrets.
    pub fn line(&self, text: &str) {
        let text: String = match self.missed.load(Ordering::Relaxed) {
            0 => text.chars().take(LINE_CHARS).collect(),
            missed => format!("({missed} lines before this are left out.) {text}")
                .chars()
                .take(LINE_CHARS)
                .collect(),
        };
        // Dropped where the store was away for long: the work goes on.
        match self.lines.try_send((self.clock.now(), text)) {
            Ok(()) => self.missed.store(0, Ordering::Relaxed),
            Err(_) => _ = self.missed.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// The end that writes: the heartbeat while the work goes on, the process itself when it ends.
#[derive(Clone)]
pub struct Heard {
    unwritten: Arc<Mutex<Unwritten>>,
    bell: Arc<Bell>,
    notify: Notify,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heard").field("unwritten", &self.unwritten).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Unwritten {
    progress: watch::Receiver<Option<Progress>>,
    lines: mpsc::Receiver<Line>,
    /// On its way to the store.
    waiting: Lines,
    /// So many have left the channel.
    taken: u32,
    last: Option<Instant>,
}

/// Both ends. `notify` hears that there is news in the store.
#[must_use]
pub fn pair(clock: Clock, notify: Notify) -> (Live, Heard) {
    let (progress, seen) = watch::channel(None);
    let (lines, said) = mpsc::channel(ROOM);
    let unwritten =
        Unwritten { progress: seen, lines: said, waiting: Lines::default(), taken: 0, last: None };
    let bell = Arc::new(Bell::new());
    let live = Live { progress, lines, missed: AtomicU32::new(0), bell: Arc::clone(&bell), clock };
    (live, Heard { unwritten: Arc::new(Mutex::new(unwritten)), bell, notify })
}

impl Heard {
    /// Waits until it is said how far the statement is.
    pub async fn rings(&self) {
        self.bell.notified().await;
    }

    /// Takes what is new to the store, not too often.
    pub async fn write(&self, to: &mut MySqlConnection, lease: &Lease) -> Result<(), dbdesk_store::Error> {
        let mut unwritten = self.unwritten.lock().await;
        if unwritten.last.is_some_and(|before| before.elapsed() < WRITE_EVERY) {
            return Ok(());
        }
        let before = unwritten.last;
        unwritten.progress_written(to, lease).await?;
        unwritten.all_lines_written(to, lease).await?;
        if unwritten.last != before {
            (self.notify)(lease.ticket);
        }
        Ok(())
    }

    /// Takes the lines that are left, as far as they fit one write: they go with the end.
    pub async fn last(&self) -> Lines {
        self.unwritten.lock().await.taken()
    }

    /// Takes the lines that are left to the store where there is no end to be written. A store that is away keeps nobody from ending.
    pub async fn end(&self, pool: &Pool, lease: &Lease) {
        let written = async {
            let mut to = pool.acquire().await?;
            self.unwritten.lock().await.all_lines_written(&mut to, lease).await
        };
        if !matches!(tokio::time::timeout(LAST_WORDS, written).await, Ok(Ok(()))) {
            tracing::warn!(task = %lease.task, "the last lines of the log are not in the store");
        }
    }
}

impl Unwritten {
    async fn progress_written(
        &mut self,
        to: &mut MySqlConnection,
        lease: &Lease,
    ) -> Result<(), dbdesk_store::Error> {
        if !self.progress.has_changed().unwrap_or(false) {
            return Ok(());
        }
        let Some(progress) = self.progress.borrow_and_update().clone() else { return Ok(()) };
        self.last = Some(Instant::now());
        dbdesk_store::live::put(to, lease, &progress).await
    }

    async fn all_lines_written(
        &mut self,
        to: &mut MySqlConnection,
        lease: &Lease,
    ) -> Result<(), dbdesk_store::Error> {
        loop {
            if self.waiting.lines.is_empty() {
                self.waiting = self.taken();
            }
            if self.waiting.lines.is_empty() {
                return Ok(());
            }
            self.last = Some(Instant::now());
            task_line::add(&mut *to, lease.task, &self.waiting).await?;
            self.waiting.lines.clear();
        }
    }

    /// What was not written yet, or the next lines. Numbers are given before the write: one that is tried again writes nothing twice.
    fn taken(&mut self) -> Lines {
        if !self.waiting.lines.is_empty() {
            return std::mem::take(&mut self.waiting);
        }
        let room = MOST_LINES.saturating_sub(self.taken) as usize;
        let mut lines = Vec::new();
        while lines.len() < BATCH.min(room)
            && let Ok(line) = self.lines.try_recv()
        {
            lines.push(line);
        }
        let before = self.taken;
        self.taken += u32::try_from(lines.len()).unwrap_or(u32::MAX);
        if self.taken == MOST_LINES
            && let Some(end) = lines.last_mut()
        {
            CUT.clone_into(&mut end.1);
        }
        Lines { before, lines }
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH, ROOM, pair};
    use dbdesk_commands::clock::Clock;
    use std::sync::Arc;

    #[tokio::test]
    async fn lines_that_find_no_room_hold_nobody_up_and_the_next_line_says_how_many_they_were() {
        let (live, words) = pair(Clock::new(|| chrono::DateTime::UNIX_EPOCH), Arc::new(|_| {}));
        for n in 0..ROOM + 5 {
            live.line(&format!("line {n}"));
        }
        let mut kept = Vec::new();
        for _ in 0..ROOM / BATCH {
            kept.extend(words.last().await.lines);
        }
        live.line("and on");
        live.line("and on");
        kept.extend(words.last().await.lines);
        let text: Vec<&str> = kept.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(text.len(), ROOM + 2);
        assert_eq!(&text[ROOM - 1..], ["line 999", "(5 lines before this are left out.) and on", "and on"]);
    }
}
