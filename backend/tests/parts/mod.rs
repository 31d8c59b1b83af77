//! The engine's processes, for its stories and its bench.

pub mod chance;

use crate::desk::{self, Desk};
use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::ticket::TicketState,
};
use dbdesk_schedule::reconcile::{self, Machine};
use lab::{Process, Redis, Server, Spec};
use rustix::process::{Pid, Signal, kill_process};
use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt as _, path::PathBuf};

/// A desk with Redis, and the configuration of its processes.
pub struct Engine {
    pub desk: Desk,
    pub redis: Redis,
    pub folder: tempfile::TempDir,
    room: (usize, usize),
    store_port: u16,
    more: String,
}

impl Engine {
    pub async fn start() -> Result<Self> {
        Self::with_room(8, 4).await
    }

    /// So many tasks at once on the machine, and in the group.
    pub async fn with_room(per_host: usize, per_group: usize) -> Result<Self> {
        let (desk, redis) = tokio::try_join!(Desk::start(), Redis::start())?;
        Self::of(desk, redis, (per_host, per_group))
    }

    /// With this desk.
    pub fn of(desk: Desk, redis: Redis, room: (usize, usize)) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let store_port = desk.store.port();
        let engine = Self { desk, redis, folder, room, store_port, more: String::new() };
        fs::write(engine.config(), engine.toml())?;
        Ok(engine)
    }

    /// What is started from now on reaches our own database through this port.
    pub fn store_at(&mut self, port: u16) -> Result<()> {
        self.store_port = port;
        Ok(fs::write(self.config(), self.toml())?)
    }

    /// What is started from now on knows the account on another service group's server, too.
    pub fn account_on(&mut self, group: &str, password: &str) -> Result<()> {
        let file = self.folder.path().join(format!("{group}-password"));
        fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(&file)?
            .write_all(password.as_bytes())?;
        self.more = format!("[target.group.{group}]\nrun_password_file = \"{}\"\n", file.display());
        Ok(fs::write(self.config(), self.toml())?)
    }

    /// What is started from now on has this in its configuration, too.
    pub fn configured(&mut self, more: String) -> Result<()> {
        self.more = more;
        Ok(fs::write(self.config(), self.toml())?)
    }

    /// The process of a task, as `detach` starts it.
    pub fn run_of(&self, task: TaskId) -> Result<Spec> {
        let log = self.folder.path().join("control.log");
        let program = env!("CARGO_BIN_EXE_dbdesk-run");
        let words = ["--task".to_owned(), task.0.to_string(), "--config".to_owned()];
        let spec = Spec::new(&lab::program(program, program)?, self.folder.path(), &log);
        self.told(spec.args(words).arg(self.config()))
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("dbdesk.toml")
    }

    fn toml(&self) -> String {
        format!(
            "[store]\nport = {}\nuser = \"{user}\"\ndatabase = \"desk\"\n[redis]\nport = {}\n[target]\nrun_user = \"{user}\"\n\
             connect_timeout_ms = 1000\n[control]\nname = \"here\"\nstate_dir = \"{}\"\ntasks_at_once = {}\ntasks_per_group = {}\n{}",
            self.store_port,
            self.redis.port(),
            self.folder.path().join("state").display(),
            self.room.0,
            self.room.1,
            self.more,
            user = Server::USER,
        )
    }

    /// A control of its own process.
    pub fn control(&self) -> Result<Process> {
        self.control_in(&[])
    }

    /// A control that is told this by its environment, and so is what it starts.
    pub fn control_told(&self, told: &[(&str, &str)]) -> Result<Process> {
        let spec = self.spec(&[], "control")?;
        Process::start(told.iter().fold(spec, |spec, (name, value)| spec.env(name, value)))
    }

    /// A control that is started by a command before its own: another clock, other mounts.
    pub fn control_in(&self, before: &[&str]) -> Result<Process> {
        Process::start(self.spec(before, "control")?)
    }

    /// A role of this desk, behind that command.
    pub fn spec(&self, before: &[&str], role: &str) -> Result<Spec> {
        let log = self.folder.path().join("control.log");
        let mut words = before.iter().copied().chain([env!("CARGO_BIN_EXE_dbdesk"), role, "--config"]);
        let program = words.next().context("there is a program")?;
        let program = lab::program(program, program)?;
        self.told(Spec::new(&program, self.folder.path(), &log).args(words).arg(self.config()))
    }

    /// With the passwords.
    fn told(&self, spec: Spec) -> Result<Spec> {
        let redis = self.redis.url();
        let password = redis.split([':', '@']).nth(2).context("the address has a password")?;
        Ok(spec
            .env("DBDESK__STORE__PASSWORD", self.desk.store.password())
            .env("DBDESK__REDIS__PASSWORD", password)
            .env("DBDESK__TARGET__RUN_PASSWORD", self.desk.target.password()))
    }

    /// The process that works on a task, as the kernel sees it.
    pub async fn worker(&self, task: TaskId) -> Result<Worker> {
        let pid = self.desk.task(task).await?.pid.context("nobody has claimed it")?;
        let worker = Worker(pid);
        ensure!(worker.command().contains("dbdesk-run"), "process {pid} is {}", worker.command());
        Ok(worker)
    }

    /// A control of another machine ends this ticket in its process's place, as after half a minute of silence.
    pub async fn ended_elsewhere(&self, ticket: TicketId) -> Result<()> {
        sqlx::query("UPDATE task SET lease_until = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE ticket_id = ?")
            .bind(ticket.0)
            .execute(&self.desk.pool)
            .await?;
        let elsewhere = Machine {
            host: "elsewhere",
            gone: &|_| false,
            known: &|_| None,
            seen: &|_| Box::pin(std::future::ready(None)),
        };
        let rescued = reconcile::rescue(&self.desk.pool, &elsewhere, || true, desk::now()).await?;
        ensure!(rescued.ended == [ticket], "{rescued:?}");
        Ok(())
    }

    /// What control and the tasks wrote.
    pub fn log(&self) -> String {
        let mut all = fs::read_to_string(self.folder.path().join("control.log")).unwrap_or_default();
        let files = fs::read_dir(self.folder.path().join("state/tasks")).into_iter().flatten().flatten();
        // A device has no end.
        for file in files.filter(|file| file.file_type().is_ok_and(|kind| kind.is_file())) {
            all += &fs::read_to_string(file.path()).unwrap_or_default();
        }
        all
    }

    pub async fn reaches(&self, ticket: TicketId, state: TicketState) -> Result<()> {
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

/// A process, as the kernel sees it.
pub struct Worker(pub u32);

impl Worker {
    pub fn command(&self) -> String {
        let line = fs::read(format!("/proc/{}/cmdline", self.0)).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ")
    }

    pub fn field(&self, number: usize) -> Result<u32> {
        let line = fs::read_to_string(format!("/proc/{}/stat", self.0))?;
        let (_, rest) = line.rsplit_once(')').context("a stat line")?;
        Ok(rest.split_ascii_whitespace().nth(number - 3).context("a field")?.parse()?)
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.0).ok().and_then(Pid::from_raw).context("a process id")?;
        Ok(kill_process(pid, signal)?)
    }
}
