//! A change of a table by a tool that copies it while everybody works with it. The tool is a process of its own below this one: it is told
//! every moment what to do, and leaves everything as it was when it hears nothing any more.

use super::{
    Account, Work,
    alter::Online,
    ledger::Halt,
    sending::{Ran, Stopped},
    strain::{self, Watched},
};
use dbdesk_cmdb::{Instance, window};
use dbdesk_commands::{
    lang::{Said, said},
    wire::{
        entry::Event,
        group::InstanceRole,
        live::{Online as Shown, OnlineWaits, Progress},
    },
};
use dbdesk_components::{
    mysql::{
        online::{clean, repeats},
        target::{StatementError, kill_query},
    },
    osc::{Command, Heard, Job, Tool, Word},
};
use dbdesk_store::{
    run::Write,
    set_aside::{self, SetAside},
};
use dbdesk_ticket::task::Wish;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::VecDeque,
    fs,
    io::{self, BufRead as _, BufReader},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{process::Child, sync::mpsc};

/// Between two words to the tool.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// A tool that was told to stop may take so long for its chunk; then its statement is stopped, then it is ended.
const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Lines of the tool that are kept for when it fails.
const LAST_LINES: usize = 4;
/// Looking for rows that a new unique key forbids may take so long.
const REPEATS_LIMIT: Duration = Duration::from_hours(1);

/// How it goes.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is of something else: the tool, the person, the thread"
)]
struct Course {
    connection: Option<u64>,
    rows: u64,
    permille: u16,
    left_ms: Option<u64>,
    /// When the copying began.
    copying: Option<Instant>,
    copied: bool,
    /// It waits for, or holds, the table's lock.
    locks: bool,
    old: Option<String>,
    /// What it would lose.
    loses: Option<String>,
    last: VecDeque<String>,
    /// The first line that sounds like an error.
    error: Option<String>,
    /// Since when it is told to stop.
    stopping: Option<Instant>,
    paused: bool,
    told_hold: bool,
}

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
        for parts in &online.unique {
            let place = (online.database.as_str(), online.table.as_str());
            match repeats(&server, place, parts, (limit, REPEATS_LIMIT)).await {
                Ok(false) => {}
                Ok(true) => return Ok((Err(Stopped::RolledBack(repeated(parts))), false)),
                Err(error) => return Ok((Err(Stopped::RolledBack(unseen(&error.to_string()))), false)),
            }
        }
        if let (true, Some(reached)) = (online.counts_quietly, &mut self.reached) {
            // By a count that is old the tool may take a large table for a small one, and copy it in one go.
            let name = full(&online.database, &online.table);
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
        let halted = self.steer(index, &job, &*tool, (&mut child, &mut lines), &mut course, &watched).await;
        drop(watched);
        let cleaned = clean(&server, &job.database, &tool.leavings(&job), limit).await;
        let _ = fs::remove_dir_all(&job.folder);
        if let Err(error) = &cleaned {
            self.live.line(&format!("What the tool left could not be removed yet: {error}"));
        }
        halted?;
        if let Some(old) = course.old.take() {
            self.put_aside(index, &job, &old).await;
            return Ok((Ok(Ran { affected_rows: 0 }), false));
        }
        let cancelled = self.ledger.view.borrow().wish == Wish::Cancel;
        Ok((Err(Stopped::RolledBack(failed(&course, tool.program(), cleaned.is_err()))), cancelled))
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
        index: u32,
        job: &Job,
        tool: &dyn Tool,
        (child, lines): (&mut Child, &mut mpsc::Receiver<String>),
        course: &mut Course,
        watched: &Watched,
    ) -> Result<(), Halt> {
        let since = Instant::now();
        let (mut view, mut open, mut heart) = (self.ledger.view.clone(), true, true);
        let mut halted = Ok(());
        loop {
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
                if sounds_wrong(&line) {
                    course.error.get_or_insert_with(|| line.clone());
                }
                if course.last.len() >= LAST_LINES {
                    course.last.pop_front();
                }
                course.last.push_back(line);
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

    /// The table as it was is set aside, or dropped where nothing is.
    async fn put_aside(&mut self, index: u32, job: &Job, old: &str) {
        let lease = self.ledger.lease;
        let Some(schema) = self.settings.ddl.set_aside_in.clone() else {
            let drop = format!("DROP TABLE IF EXISTS {}", full(&job.database, old));
            return self.quietly(&drop, old).await;
        };
        let kept_as: String = format!("t{}_k{}_{index}_old_{}", lease.ticket.0, lease.task.0, job.table)
            .chars()
            .take(64)
            .collect();
        let row = SetAside {
            task_id: lease.task.0,
            statement: index,
            kept_as: kept_as.clone(),
            kept_in: schema.clone(),
            database_name: job.database.clone(),
            table_name: job.table.clone(),
            back: String::new(),
        };
        let (store, at) = (self.ledger.pen.pool().clone(), self.ledger.clock.now());
        if let Err(error) = set_aside::put(&store, (lease.ticket, self.group), &row, at).await {
            tracing::warn!(task = %lease.task, %error, "that a table is set aside could not be noted: it stays where it is");
            self.live.line(&format!("The old table stays as {old}: it could not be noted where it goes."));
            return;
        }
        if let Some(reached) = &mut self.reached {
            let _ = reached.session.make_database(&schema).await;
        }
        let rename = format!("RENAME TABLE {} TO {}", full(&job.database, old), full(&schema, &kept_as));
        self.quietly(&rename, old).await;
    }

    async fn quietly(&mut self, sql: &str, old: &str) {
        let wait_s = self.settings.ddl.lock_wait_s;
        let Some(reached) = &mut self.reached else { return };
        let _ = reached.session.wait_for_locks(wait_s).await;
        if let Err(error) = reached.session.run(sql).await {
            self.live.line(&format!("The old table stays as {old}: {error}"));
            tracing::warn!(task = %self.ledger.lease.task, table = old, %error, "an old table stays where it is");
        }
    }
}

/// What a copy is called: of this work only.
#[must_use]
pub fn copy_name(ticket: u64, task: u64, statement: u32) -> String {
    format!("_dbdesk_t{ticket}_k{task}_{statement}")
}

fn full(database: &str, table: &str) -> String {
    format!("{}.{}", dbdesk_undo::field::quoted(database), dbdesk_undo::field::quoted(table))
}

/// The folder, the account in it, and what else the tool needs.
fn prepared(job: &Job, account: &Account, tool: &dyn Tool) -> io::Result<Command> {
    if job.folder.exists() {
        fs::remove_dir_all(&job.folder)?;
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&job.folder)?;
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let text = format!("[client]\nuser={}\npassword={}\n", quoted(&account.user), quoted(&account.password));
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(job.account_file())?;
    io::Write::write_all(&mut file, text.as_bytes())?;
    tool.tell(job, Word::Wait)?;
    tool.prepare(job)
}

/// Starts it; its lines come through the channel, those of both its outputs in the order in which it wrote them.
fn start(command: &Command) -> io::Result<(Child, mpsc::Receiver<String>)> {
    let (read, write) = io::pipe()?;
    let child = tokio::process::Command::new(&command.program)
        .args(&command.arguments)
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(Path::new("/"))
        .stdin(Stdio::null())
        .stdout(Stdio::from(write.try_clone()?))
        .stderr(Stdio::from(write))
        .spawn()?;
    let (tell, lines) = mpsc::channel(256);
    std::thread::Builder::new().name("online".into()).spawn(move || {
        let mut from = BufReader::new(read);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            if tell.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    })?;
    Ok((child, lines))
}

fn repeated(parts: &[String]) -> Said {
    let parts = parts.join(", ");
    said!(
        "rows repeat in ({parts}), which the new unique key would forbid: the tool would drop all but one of them. Mend the rows first",
        "({parts}) 存在重复行，不符合新的唯一键：该工具会只保留其中一行。请先处理重复数据"
    )
}

fn unseen(why: &str) -> Said {
    said!("the rows could not be looked through beforehand: {why}", "无法预先检查数据：{why}")
}

fn not_started(program: &str, error: &io::Error) -> Said {
    if error.kind() == io::ErrorKind::NotFound {
        return said!(
            "{program} is not on the path of the machine that runs this. Install it there (Debian: percona-toolkit), or name the other tool \
             in [ddl]",
            "执行机器上找不到 {program}。请在该机器上安装（Debian 的包是 percona-toolkit），或在 [ddl] 里改用另一个工具"
        );
    }
    said!("{program} could not be started: {error}", "无法启动 {program}：{error}")
}

/// The tool says much; this finds why it gave up.
fn sounds_wrong(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["error", "cannot", "denied", "failed", "died"].iter().any(|word| line.contains(word))
}

fn failed(course: &Course, program: &str, left: bool) -> Said {
    let (en, zh) = if left {
        (
            " What it left could not be removed yet; control does that as soon as the server answers",
            "。它留下的内容暂时未能清理，服务器恢复后会自动清理",
        )
    } else {
        (" The table is as it was; no trigger and no copy is left", "。表保持原样，没有留下触发器或拷贝表")
    };
    if let Some(loses) = &course.loses {
        return said!(
            "a value does not fit into the changed table, so the copy was given up: {loses}.{en}",
            "有数据放不进修改后的表，已放弃拷贝：{loses}{zh}"
        );
    }
    if course.stopping.is_some() {
        return said!("{program} was stopped.{en}", "{program} 已停止{zh}");
    }
    let last =
        course.error.clone().unwrap_or_else(|| course.last.iter().cloned().collect::<Vec<_>>().join(" / "));
    let last = last.trim_end_matches('.');
    said!("{program} gave up: {last}.{en}", "{program} 未能完成：{last}{zh}")
}
