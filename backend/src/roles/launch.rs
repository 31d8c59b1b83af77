//! How control starts the processes of tasks: each in a unit of systemd where there can be one, else as a plain process.

use super::machine::{self, File};
use crate::config::Isolation;
use anyhow::Result;
use dbdesk_commands::{clock::Clock, id::TaskId, point::Points};
use dbdesk_executor::{
    orphan::{self, Orphan},
    process,
    unit::{Manager, Without},
    warm::{Answering, Order},
};
use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::process::Command;

/// After a unit was refused, processes get none for so long.
const REST_MS: u64 = 10 * 60_000;

/// Starts the processes of tasks.
pub(super) struct Launcher {
    /// This program.
    program: PathBuf,
    /// The one that does a task's work.
    runner: PathBuf,
    run: Vec<String>,
    detach: Vec<String>,
    units: Option<Units>,
}

/// The units of this control.
struct Units {
    manager: Manager,
    /// Sets their names apart from those of other controls.
    mark: String,
    count: AtomicU64,
    /// After one was refused, none is asked for until then, in milliseconds of uptime.
    again_at_ms: AtomicU64,
}

impl Launcher {
    pub(super) async fn new(file: &File, isolation: Isolation) -> Result<Arc<Self>> {
        let program = machine::program()?;
        let runner = machine::runner()?;
        let run = file.arguments(None, "--wait")?;
        let detach = file.arguments(Some("detach"), "--task")?;
        Ok(Arc::new(Self { program, runner, run, detach, units: Units::found(isolation).await? }))
    }

    /// How processes are started ahead of their tasks, and where none waits.
    pub(super) fn order(self: &Arc<Self>, answer: Box<Answering>, clock: Clock, points: Points) -> Order {
        let [launcher, failed, cold] = [(); 3].map(|()| Arc::clone(self));
        Order {
            launcher: Box::new(move || launcher.ahead()),
            failed: Box::new(move || failed.refused()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            cold: Box::new(move |task| cold.start(task)),
            clock,
            answer,
            points,
        }
    }

    fn ahead(&self) -> Command {
        let mut command =
            self.command("run", "a task, or waits for one", &self.program.with_file_name("dbdesk-detach"));
        command.arg(&self.runner).args(&self.run);
        command
    }

    /// A command to which arguments are added; in a unit, as long as these are not refused.
    fn command(&self, name: &str, description: &str, program: &Path) -> Command {
        match self.units.as_ref().filter(|units| units.work()) {
            Some(units) => units.manager.command(&units.name(name), description, program),
            None => Command::new(program),
        }
    }

    /// Starts a process for one task. Without anything between fork and exec, so that no memory is copied however large this
    /// process is.
    fn start(self: &Arc<Self>, task: TaskId) -> io::Result<()> {
        let in_unit = self.units.as_ref().is_some_and(Units::work);
        let name = task.to_string();
        let mut child = self
            .command(&name, &name, &self.program)
            .args(&self.detach)
            .arg(task.0.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        let launcher = Arc::clone(self);
        tokio::spawn(async move {
            match child.wait().await {
                Ok(status) if status.success() => {}
                Ok(status) if in_unit && status.code().is_some() => {
                    launcher.refused();
                    if let Err(error) = launcher.start(task) {
                        tracing::error!(%task, %error, "its process could not be started");
                    }
                }
                Ok(status) => tracing::error!(%task, %status, "its process could not be started"),
                Err(error) => tracing::error!(%task, %error, "the launcher's end is not known"),
            }
        });
        Ok(())
    }

    /// The start of a process failed. Where it should have got a unit, it was probably that: for a while none gets one.
    fn refused(&self) {
        if let Some(units) = self.units.as_ref().filter(|units| units.rest()) {
            tracing::warn!(
                manager = %units.manager,
                "no unit could be had for the process of a task; for {} minutes they are plain processes. See the lines above, and \
                 `dbdesk doctor`",
                REST_MS / 60_000
            );
        }
    }
}

impl Units {
    async fn found(isolation: Isolation) -> Result<Option<Self>> {
        let found = match isolation {
            Isolation::Auto => Manager::found(true).await,
            Isolation::Unit => Manager::found(false).await,
            Isolation::Process => return Ok(None),
        };
        match found {
            Ok(manager) => {
                tracing::info!(%manager, "each process of a task gets a unit of its own");
                let mark = hex::encode(machine::chance().bytes::<4>()?);
                Ok(Some(Self { manager, mark, count: AtomicU64::new(0), again_at_ms: AtomicU64::new(0) }))
            }
            Err(Without::NoSystemd) if isolation == Isolation::Auto => Ok(None),
            Err(why) => {
                tracing::warn!(
                    %why,
                    "no unit can be had for the processes of tasks; they are plain processes. `dbdesk doctor` says what to do"
                );
                Ok(None)
            }
        }
    }

    fn work(&self) -> bool {
        self.again_at_ms.load(Ordering::Relaxed) <= process::uptime_ms()
    }

    /// Asks for none for a while. `false`: that is so already.
    fn rest(&self) -> bool {
        let now = process::uptime_ms();
        self.again_at_ms.swap(now + REST_MS, Ordering::Relaxed) <= now
    }

    /// Never given twice.
    fn name(&self, of: &str) -> String {
        format!("dbdesk-{of}-{}-{}", self.mark, self.count.fetch_add(1, Ordering::Relaxed))
    }
}

/// Says it where nobody waits for the end of orphans, as each process of a task is one.
pub(super) async fn tell_orphans() {
    match orphan::attempt().await {
        Ok(Orphan::Reaped) => {}
        Ok(Orphan::Left { parent, name }) => tracing::warn!(
            parent,
            name,
            "nobody waits for the end of orphans here: each task leaves a dead process behind, until no more can be started. In a \
             container start an init as pid 1: `docker run --init`"
        ),
        Err(error) => tracing::debug!(%error, "whether pid 1 waits for orphans is not known"),
    }
}
