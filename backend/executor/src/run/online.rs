//! A change of a table by a tool that copies it while everybody works with it. The tool is a process of its own below this one: it is told
//! every moment what to do, and leaves everything as it was when it hears nothing any more.

use super::{
    Work,
    ledger::Halt,
    sending::{Ran, Stopped},
    strain::{self, Watched},
    tool::{Course, copy_name, failed, not_started, old_name, prepared, repeated, start, unseen},
};
use dbdesk_cmdb::{Instance, window};
use dbdesk_commands::{
    lang::said,
    wire::{
        entry::Event,
        group::InstanceRole,
        live::{Online as Shown, OnlineWaits, Progress},
    },
};
use dbdesk_components::{
    mysql::{
        aside,
        online::{clean, repeats},
        target::{StatementError, kill_query},
    },
    osc::{Heard, Job, Tool, Word, alter::Online},
};
use dbdesk_store::{
    run::Write,
    set_aside::{self, SetAside},
};
use dbdesk_ticket::task::Wish;
use dbdesk_undo::field::full_name;
use rustix::process::{Pid, Signal, kill_process};
use sqlx::mysql::MySqlConnectOptions;
use std::{
    fs,
    time::{Duration, Instant},
};
use tokio::{process::Child, sync::mpsc};

/// While the tool works the session that holds the ticket's lock on the server is kept awake so often.
const PING_EVERY: Duration = Duration::from_secs(30);
/// Between two words to the tool.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// A tool that was told to stop may take so long for its chunk; then its statement is stopped, then it is ended.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Looking for rows that a new unique key forbids may take so long.
const REPEATS_LIMIT: Duration = Duration::from_hours(1);

impl Work<'_> {
    /// Changes a table by the tool. Gives what came of it, and whether a person stopped it.
    pub(super) async fn online(
        &mut self,
        index: u32,
        online: &Online,
    ) -> Result<(Result<Ran, Stopped>, bool), Halt> {
        let Some(reached) = &mut self.reached else {
            return Ok((Err(StatementError::Lost("there is no session".into()).into()), false));
        };
        let (instance, server) = (reached.instance.clone(), reached.options.clone());
        let explains_as_tree = match reached.session.explains_as_tree().await {
            Ok(explains) => explains,
            Err(error) => return Ok((Err(error.into()), false)),
        };
        let limit = self.settings.connect_limit();
        if let Err(stopped) = self.unrepeated(online, &server).await {
            return Ok((Err(stopped), self.is_cancelled()));
        }
        if let (true, Some(reached)) = (online.counts_quietly, &mut self.reached) {
            // By a count that is old the tool may take a large table for a small one, and copy it in one go.
            let name = full_name(&online.database, &online.table);
            let _ = reached.session.wait_for_locks(self.settings.ddl.lock_wait_s).await;
            if let Err(error) = reached.session.run(&format!("ANALYZE NO_WRITE_TO_BINLOG TABLE {name}")).await
            {
                self.live.line(&format!("The table could not be counted anew: {error}"));
            }
        }
        let group = self.ledger.group(self.group).await?;
        let account =
            (self.settings.account)(&group.as_ref().map(|group| group.name.clone()).unwrap_or_default());
        let job = self.job(index, online, &instance, explains_as_tree);
        let tool = self.settings.ddl.tool.clone();
        let replicas: Vec<(Instance, _)> = group
            .iter()
            .flat_map(|group| &group.instances)
            .filter(|instance| instance.role == InstanceRole::Replica)
            .map(|replica| (replica.clone(), account.options(&replica.host, replica.port)))
            .collect();
        let started = prepared(&job, &account, &*tool).and_then(|command| start(&command));
        let (mut child, mut lines) = match started {
            Ok(started) => started,
            Err(error) => {
                let _ = fs::remove_dir_all(&job.folder);
                return Ok((Err(Stopped::RolledBack(not_started(tool.program(), &error))), false));
            }
        };
        let watched = strain::watch(server.clone(), replicas, limit);
        let mut course = Course::default();
        let work = (index, online, &job);
        let halted = self.steer(work, &*tool, (&mut child, &mut lines), &mut course, &watched).await;
        drop(watched);
        let cleaned = clean(&server, &job.database, &tool.leavings(&job), limit).await;
        let _ = fs::remove_dir_all(&job.folder);
        if let Err(error) = &cleaned {
            self.live.line(&format!("What the tool left could not be removed yet: {error}"));
        }
        halted?;
        if let Some(old) = course.old.take() {
            let note = self.put_aside(index, &job, &old).await;
            return Ok((Ok(Ran { note, ..Ran::default() }), false));
        }
        let cancelled = self.is_cancelled();
        Ok((Err(Stopped::RolledBack(failed(&course, tool.program(), cleaned.is_err()))), cancelled))
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.ledger.view.borrow().wish == Wish::Cancel
    }

    /// Whether no rows repeat that a new unique key forbids. A person who wants something else does not wait for the end of that.
    async fn unrepeated(&self, online: &Online, server: &MySqlConnectOptions) -> Result<(), Stopped> {
        let (limit, place) =
            (self.settings.connect_limit(), (online.database.as_str(), online.table.as_str()));
        let looking = async {
            for parts in &online.unique {
                match repeats(server, place, parts, (limit, REPEATS_LIMIT)).await {
                    Ok(false) => {}
                    Ok(true) => return Err(Stopped::RolledBack(repeated(parts))),
                    Err(error) => return Err(Stopped::RolledBack(unseen(&error.to_string()))),
                }
            }
            Ok(())
        };
        let (mut view, mut stop) = (self.ledger.view.clone(), self.ledger.stop.clone());
        let asked = async {
            tokio::select! {
                _ = view.wait_for(|view| view.wish == Wish::Cancel || view.closed) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        };
        tokio::select! {
            looked = looking => looked,
            () = asked => Err(Stopped::RolledBack(said!("it was to end", "要求停止"))),
        }
    }

    fn job(&self, index: u32, online: &Online, instance: &Instance, explains_as_tree: bool) -> Job {
        let (ticket, task) = (self.ledger.lease.ticket.0, self.ledger.lease.task.0);
        Job {
            host: instance.host.clone(),
            port: instance.port,
            database: online.database.clone(),
            table: online.table.clone(),
            alter: online.alter.clone(),
            copy: copy_name(ticket, task, index),
            folder: self.settings.state_dir.join("online").join(format!("k{task}_{index}")),
            chunk: Duration::from_millis(self.settings.ddl.chunk_ms),
            lock_wait_s: self.settings.ddl.lock_wait_s,
            parent: std::process::id(),
            explains_as_tree,
        }
    }

    /// Tells the tool what to do until it ends. An error: the lease is not ours any more; the tool has ended all the same.
    async fn steer(
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
            let (word, waits) = self.word(course, watched).await;
            if halted.is_ok() && view.borrow().closed && self.ledger.points.fenced() {
                halted = Err(Halt::Fenced);
            }
            let word = if halted.is_err() { Word::Stop } else { word };
            if word == Word::Stop {
                self.force(course, job, child).await;
            }
            if let Err(error) = tool.tell(job, word) {
                tracing::warn!(task = %self.ledger.lease.task, %error, "the tool could not be told what to do");
            }
            if halted.is_ok() && word != Word::Stop {
                halted = self.turned(index, course, waits == Some(OnlineWaits::Pause)).await;
                if halted.is_ok() {
                    halted = self.held(course, waits.as_ref()).await;
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

    /// What the tool is to do now, and why it is not to copy.
    async fn word(&mut self, course: &Course, watched: &Watched) -> (Word, Option<OnlineWaits>) {
        let wish = self.ledger.view.borrow().wish;
        if wish == Wish::Cancel
            || *self.ledger.stop.borrow()
            || course.loses.is_some()
            || course.repeats.is_some()
            || course.stopping.is_some()
        {
            return (Word::Stop, None);
        }
        if wish == Wish::Pause {
            return (Word::Wait, Some(OnlineWaits::Pause));
        }
        let ddl = &self.settings.ddl;
        if let Some(waits) = watched.exceeds(ddl.max_lag_ms, ddl.max_threads_running) {
            return (Word::Wait, Some(waits));
        }
        // What it says until all is copied may still be that a value is lost.
        if !course.copied {
            return (Word::Hold, None);
        }
        if self.settings.ddl.cut_over_in_quiet_window && !self.is_quiet().await {
            return (Word::Hold, Some(OnlineWaits::QuietWindow));
        }
        (Word::Go, None)
    }

    /// Whether a quiet window is open; a group without any is always quiet.
    async fn is_quiet(&mut self) -> bool {
        let now = self.ledger.clock.now();
        match self.ledger.group(self.group).await {
            Ok(Some(group)) if !group.quiet_windows.is_empty() => {
                window::next(&group.quiet_windows, group.time_zone, now).is_some_and(|open| open <= now)
            }
            _ => true,
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

    async fn held(&mut self, course: &mut Course, waits: Option<&OnlineWaits>) -> Result<(), Halt> {
        if waits != Some(&OnlineWaits::QuietWindow) || course.told_hold {
            return Ok(());
        }
        course.told_hold = true;
        let now = self.ledger.clock.now();
        let group = self.ledger.group(self.group).await?;
        let until = group.and_then(|group| window::next(&group.quiet_windows, group.time_zone, now));
        self.tell(Event::CutOverHeld { until }).await
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
        });
    }

    /// The table as it was is set aside, or dropped where nothing is. Gives what is to be said of it.
    async fn put_aside(&mut self, index: u32, job: &Job, old: &str) -> Option<String> {
        let (lease, limit) = (self.ledger.lease, self.settings.connect_limit());
        let server = self.reached.as_ref()?.options.clone();
        let done = match self.settings.ddl.set_aside_in.clone() {
            None => aside::drop_kept(&server, (&job.database, old), limit)
                .await
                .map_err(|error| error.to_string()),
            Some(kept_in) => self.noted_aside(index, job, old, kept_in, &server).await,
        };
        let error = done.err()?;
        tracing::warn!(task = %lease.task, table = old, %error, "an old table stays where it is");
        Some(format!("Note: the table as it was stays in {} as {old}: {error}", job.database))
    }

    /// Notes where it goes, and sets it aside.
    async fn noted_aside(
        &self,
        index: u32,
        job: &Job,
        old: &str,
        kept_in: String,
        server: &MySqlConnectOptions,
    ) -> Result<(), String> {
        let (lease, limit) = (self.ledger.lease, self.settings.connect_limit());
        let row = SetAside {
            task_id: lease.task.0,
            statement: index,
            kept_as: old_name((lease.ticket.0, lease.task.0), index, &job.table),
            kept_in,
            database_name: job.database.clone(),
            table_name: job.table.clone(),
            back: String::new(),
        };
        let (store, at) = (self.ledger.pen.pool().clone(), self.ledger.clock.now());
        let noted = set_aside::put(&store, (lease.ticket, self.group), &row, at).await;
        noted.map_err(|error| error.to_string())?;
        let kept = aside::keep(server, (&job.database, old), (&row.kept_in, &row.kept_as), limit).await;
        kept.map_err(|error| error.to_string())
    }
}
