//! Steering the tool: what it is told every moment, what it says, and how it is made to stop.

use super::{Work, ledger::Halt, sending::Stopped, strain::Watched, tool::Course};
use dbdesk_commands::wire::live::{Online as Shown, OnlineWaits, Progress};
use dbdesk_components::{
    mysql::target::kill_query,
    osc::{Heard, Job, Tool, Word, alter::Online},
};
use dbdesk_store::run::Write;
use rustix::process::{Pid, Signal, kill_process};
use std::time::{Duration, Instant};
use tokio::{process::Child, sync::mpsc};

/// While the tool works the session that holds the ticket's lock on the server is kept awake so often.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Between two words to the tool.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// A tool that was told to stop may take so long for its chunk; then its statement is stopped, then it is ended.
const STOP_LIMIT: Duration = Duration::from_secs(20);

impl Work<'_> {
    /// Tells the tool what to do until it ends. An error: the lease is not ours any more; the tool has ended all the same.
    pub(super) async fn steer(
        &mut self,
        (index, online, job): (u32, &Online, &Job),
        tool: &dyn Tool,
        (child, lines): (&mut Child, &mut mpsc::Receiver<String>),
        course: &mut Course,
        watched: &Watched,
    ) -> Result<(), Halt> {
        let (since, limit) = (Instant::now(), self.settings.connect_limit());
        let mut pinged = since;
        let (mut view, mut open, mut heart) = (self.ledger.view.clone(), true, true);
        let mut halted = Ok(());
        loop {
            // Rows that came since may repeat, too.
            if course.copied && !course.unrepeated && course.stopping.is_none() {
                course.unrepeated = true;
                let server = self.reached.as_ref().map(|reached| reached.options.clone());
                if let Some(server) = server {
                    course.repeats = self.unrepeated(online, &server).await.err().map(Stopped::why);
                }
            }
            if halted.is_ok() && view.borrow().closed && self.ledger.points.fenced() {
                halted = Err(Halt::Fenced);
            }
            let (word, waits) = match &halted {
                Ok(()) => self.word(index, course, watched).await.unwrap_or_else(|halt| {
                    halted = Err(halt);
                    (Word::Stop, None)
                }),
                Err(_) => (Word::Stop, None),
            };
            if word == Word::Stop {
                self.force(course, job, child).await;
            }
            if let Err(error) = tool.tell(job, word) {
                tracing::warn!(task = %self.ledger.lease.task, %error, "the tool could not be told what to do");
            }
            if halted.is_ok() && word != Word::Stop {
                halted = self.turned(index, course, waits == Some(OnlineWaits::Pause)).await;
                if halted.is_ok() {
                    halted = self.held(course, waits.clone()).await;
                }
            }
            self.shown(index, since, course, waits, watched);
            if pinged.elapsed() > PING_EVERY
                && let Some(reached) = &mut self.reached
            {
                pinged = Instant::now();
                let _ = reached.session.readiness(limit).await;
            }
            let next = tokio::time::Instant::now() + TELL_EVERY;
            loop {
                tokio::select! {
                    line = lines.recv(), if open => match line {
                        Some(line) => {
                            self.heard(course, tool.hear(job, &line), watched);
                            // It waits for this.
                            if course.copied && course.old.is_none() && !course.locks {
                                break;
                            }
                        }
                        None => open = false,
                    },
                    _ = child.wait(), if !open => return halted,
                    changed = view.changed(), if heart => {
                        heart = changed.is_ok();
                        if !heart && halted.is_ok() {
                            halted = Err(Halt::Unwritten);
                        }
                        break;
                    }
                    () = tokio::time::sleep_until(next) => break,
                }
            }
        }
    }

    /// Writes that it is paused, or goes on.
    async fn turned(&mut self, index: u32, course: &mut Course, paused: bool) -> Result<(), Halt> {
        if course.paused == paused {
            return Ok(());
        }
        let write = if paused { Write::PausedIn(index) } else { Write::ResumedIn(index) };
        if self.turn(write).await? {
            course.paused = paused;
        }
        Ok(())
    }

    /// After a while of being asked, a tool is made to stop.
    async fn force(&self, course: &mut Course, job: &Job, child: &mut Child) {
        let since = *course.stopping.get_or_insert_with(Instant::now);
        let (limit, over) = (self.settings.connect_limit(), since.elapsed());
        if over > STOP_LIMIT
            && let (Some(connection), Some(reached)) = (course.connection, &self.reached)
        {
            let _ = kill_query(&reached.options, connection, limit).await;
        }
        let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let (true, Some(pid)) = (over > STOP_LIMIT * 2, pid) {
            let signal = if over > STOP_LIMIT * 3 { Signal::KILL } else { Signal::TERM };
            tracing::warn!(task = %self.ledger.lease.task, table = job.table, ?signal, "the tool does not stop by itself");
            let _ = kill_process(pid, signal);
        }
    }

    fn heard(&self, course: &mut Course, heard: Heard, watched: &Watched) {
        match heard {
            Heard::Connection(id) => course.connection = Some(id),
            Heard::Prepares => course.locks = true,
            Heard::Copies { rows } => {
                (course.rows, course.copying, course.locks) = (rows, Some(Instant::now()), false);
                self.live.line(&format!("The tool copies about {rows} rows."));
            }
            Heard::Copied { permille, left_ms } => (course.permille, course.left_ms) = (permille, left_ms),
            Heard::AllCopied => {
                (course.copied, course.permille, course.left_ms) = (true, 1_000, None);
                self.live.line("All rows are copied.");
            }
            Heard::Swaps => {
                course.locks = true;
                self.live.line("The copy takes the table's place.");
            }
            Heard::Swapped { old } => {
                course.locks = false;
                self.live.line(&format!("It has; the old table is {old}."));
                course.old = Some(old);
            }
            Heard::Loses(line) => {
                self.live.line(&line);
                course.loses.get_or_insert(line);
            }
            Heard::Line(line) if line.trim().is_empty() => {}
            Heard::Line(line) => {
                self.live.line(&line);
                course.says(line);
            }
        }
        watched.guards(course.connection.filter(|_| course.locks));
    }

    fn shown(
        &self,
        index: u32,
        since: Instant,
        course: &Course,
        waits: Option<OnlineWaits>,
        watched: &Watched,
    ) {
        let rows = course.rows.saturating_mul(u64::from(course.permille)) / 1_000;
        let seconds = course.copying.map_or(0, |since| since.elapsed().as_secs());
        let (lag_ms, threads_running) = watched.worst();
        let online = Shown {
            chunk: None,
            rows_per_s: rows.checked_div(seconds).filter(|_| !course.copied),
            left_ms: course.left_ms,
            lag_ms,
            threads_running,
            limits: Some(self.limits()),
            waits,
        };
        self.live.progress(Progress {
            index,
            total: self.total,
            elapsed_ms: since.elapsed().as_millis() as u64,
            stage: String::new(),
            permille: course.copying.map(|_| course.permille),
            rows: course.copying.map(|_| rows),
            blocker: None,
            online: Some(online),
            script: None,
        });
    }
}
