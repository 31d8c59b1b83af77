//! The engine with real processes: what dies when, and what becomes of the work. The target's own table counts what ran.

#[path = "../executor/tests/desk/mod.rs"]
#[expect(dead_code, reason = "each story uses what it needs")]
mod desk;

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::ticket::TicketState,
};
use dbdesk_ticket::task::Wish;
use desk::{Desk, LIMIT, Wanted};
use lab::{Process, Redis, Server, Spec, until};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A desk with Redis, and the configuration of its processes.
struct Engine {
    desk: Desk,
    redis: Redis,
    folder: tempfile::TempDir,
}

impl Engine {
    async fn start() -> Result<Self> {
        let (desk, redis) = tokio::try_join!(Desk::start(), Redis::start())?;
        let folder = tempfile::tempdir()?;
        let engine = Self { desk, redis, folder };
        fs::write(engine.config(), engine.toml())?;
        Ok(engine)
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("dbdesk.toml")
    }

    fn toml(&self) -> String {
        format!(
            "[store]\nport = {}\nuser = \"{user}\"\ndatabase = \"desk\"\n[redis]\nport = {}\n[target]\nrun_user = \"{user}\"\n\
             connect_timeout_ms = 1000\n[control]\nname = \"here\"\nstate_dir = \"{}\"\ntasks_at_once = 8\ntasks_per_group = 4\n",
            self.desk.store.port(),
            self.redis.port(),
            self.folder.path().join("state").display(),
            user = Server::USER,
        )
    }

    /// A control of its own process.
    fn control(&self) -> Result<Process> {
        let redis = self.redis.url();
        let password = redis.split([':', '@']).nth(2).context("the address has a password")?;
        let log = self.folder.path().join("control.log");
        Process::start(
            Spec::new(Path::new(env!("CARGO_BIN_EXE_dbdesk")), self.folder.path(), &log)
                .args(["control", "--config"])
                .arg(self.config())
                .env("DBDESK__STORE__PASSWORD", self.desk.store.password())
                .env("DBDESK__REDIS__PASSWORD", password)
                .env("DBDESK__TARGET__RUN_PASSWORD", self.desk.target.password()),
        )
    }

    /// The process that works on a task, as the kernel sees it.
    async fn worker(&self, task: TaskId) -> Result<Worker> {
        let pid = self.desk.task(task).await?.pid.context("nobody has claimed it")?;
        let worker = Worker(pid);
        ensure!(worker.command().contains("run"), "process {pid} is {}", worker.command());
        Ok(worker)
    }

    fn log(&self) -> String {
        let mut all = fs::read_to_string(self.folder.path().join("control.log")).unwrap_or_default();
        for file in fs::read_dir(self.folder.path().join("state/tasks")).into_iter().flatten().flatten() {
            all += &fs::read_to_string(file.path()).unwrap_or_default();
        }
        all
    }

    async fn reaches(&self, ticket: TicketId, state: TicketState) -> Result<()> {
        self.desk.reaches(ticket, state).await.with_context(|| self.log())
    }
}

impl Drop for Engine {
    /// Nothing outlives the story: its processes are known by its configuration file.
    fn drop(&mut self) {
        let config = self.config();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let worker = Worker(pid);
            if worker.command().contains(&*config.to_string_lossy()) {
                let _ = worker.signal(Signal::KILL);
            }
        }
    }
}

struct Worker(u32);

impl Worker {
    fn command(&self) -> String {
        let line = fs::read(format!("/proc/{}/cmdline", self.0)).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ")
    }

    fn field(&self, number: usize) -> Result<u32> {
        let line = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        let (_, rest) = line.rsplit_once(')').context("a stat line")?;
        Ok(rest.split_ascii_whitespace().nth(number - 3).context("a field")?.parse()?)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.0).ok().and_then(Pid::from_raw).context("a process id")?;
        Ok(kill_process(pid, signal)?)
    }
}

const SLOW: &str =
    "INSERT INTO done (what) SELECT CONCAT('a', SLEEP(2)); INSERT INTO done (what) VALUES ('b')";

#[tokio::test]
async fn work_runs_in_a_session_of_its_own_without_a_parent_among_us() -> Result<()> {
    let engine = Engine::start().await?;
    let control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.reaches(ticket, TicketState::Running).await?;
    let worker = engine.worker(task).await?;
    until("its launcher to end", LIMIT, || async {
        let parent = worker.field(4)?;
        ensure!(!Worker(parent).command().contains("detach"), "its parent is {parent}");
        ensure!(Some(parent) != control.pid() && parent != std::process::id(), "its parent is {parent}");
        Ok(())
    })
    .await?;
    assert_eq!(worker.field(6)?, worker.0, "it leads its session");
    for secret in [engine.desk.store.password(), engine.desk.target.password()] {
        assert!(!worker.command().contains(secret), "no secret in {}", worker.command());
    }
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b");
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn control_killed_while_work_runs_changes_nothing_for_it() -> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, _) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    control.kill()?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b");
    let (next, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('c')").await?;
    control.start_again()?;
    engine.reaches(next, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a0,b,c");
    Ok(())
}

#[tokio::test]
async fn a_process_killed_in_a_statement_leaves_its_ticket_lost() -> Result<()> {
    let engine = Engine::start().await?;
    let _control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.worker(task).await?.signal(Signal::KILL)?;
    engine.reaches(ticket, TicketState::Lost).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    Ok(())
}

#[tokio::test]
async fn a_process_killed_between_two_statements_leaves_its_ticket_failed_with_all_that_is_known()
-> Result<()> {
    let engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    engine.desk.wish(task, Wish::Pause).await?;
    engine.reaches(ticket, TicketState::Paused).await?;
    // Nobody watches when it dies: the next control finds it.
    control.kill()?;
    engine.worker(task).await?.signal(Signal::KILL)?;
    control.start_again()?;
    engine.reaches(ticket, TicketState::Failed).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    assert_eq!(engine.desk.done().await?, "a0");
    Ok(())
}

#[tokio::test]
async fn what_a_process_knew_when_it_was_killed_is_told_though_the_store_was_away() -> Result<()> {
    let mut engine = Engine::start().await?;
    let mut control = engine.control()?;
    let (ticket, task) = engine.desk.ticket(SLOW).await?;
    engine.desk.runs_on_target("SLEEP(2)").await?;
    let worker = engine.worker(task).await?;
    control.kill()?;
    engine.desk.store.kill()?;
    let state = engine.folder.path().join("state");
    until("its answer to be kept", LIMIT, || async {
        ensure!(dbdesk_executor::journal::known(&state, task, 1).is_some(), "the journal is empty");
        Ok(())
    })
    .await?;
    worker.signal(Signal::KILL)?;
    engine.desk.store.restart().await?;
    control.start_again()?;
    engine.reaches(ticket, TicketState::Failed).await?;
    insta::assert_snapshot!(engine.desk.story(ticket).await?);
    assert_eq!(engine.desk.done().await?, "a0");
    Ok(())
}

#[tokio::test]
async fn without_redis_work_starts_and_ends_all_the_same() -> Result<()> {
    let mut engine = Engine::start().await?;
    engine.redis.kill()?;
    let _control = engine.control()?;
    let (ticket, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('a')").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    engine.redis.restart().await?;
    let (ticket, _) = engine.desk.ticket("INSERT INTO done (what) VALUES ('b')").await?;
    engine.reaches(ticket, TicketState::Done).await?;
    assert_eq!(engine.desk.done().await?, "a,b");
    Ok(())
}

#[tokio::test]
async fn two_controls_killed_and_redis_flushed_at_random_run_each_task_exactly_once() -> Result<()> {
    const TASKS: usize = 40;
    let engine = Engine::start().await?;
    let mut controls = [engine.control()?, engine.control()?];
    let mut tickets = Vec::new();
    for number in 0..TASKS {
        let sql = format!("INSERT INTO done (what) VALUES ('{number}')");
        let due_in = TimeDelta::milliseconds(i64::try_from(number % 7)? * 100);
        let wanted = Wanted { sql: &sql, due_in, approval_lasts: TimeDelta::hours(1) };
        tickets.push(engine.desk.wanted(&wanted).await?.0);
        match number % 10 {
            3 => engine.redis.flush().await?,
            6 => controls[number / 10 % 2].kill()?,
            8 => controls[number / 10 % 2].start_again()?,
            _ => {}
        }
    }
    engine.redis.flush().await?;
    for ticket in &tickets {
        engine.reaches(*ticket, TicketState::Done).await?;
    }
    let twice =
        engine.desk.target.sql("SELECT what, COUNT(*) c FROM shop.done GROUP BY what HAVING c <> 1").await?;
    let rows = engine.desk.target.sql("SELECT COUNT(*) FROM shop.done").await?;
    assert_eq!((twice.as_str(), rows.as_str()), ("", TASKS.to_string().as_str()));
    Ok(())
}
