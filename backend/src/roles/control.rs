//! `dbdesk control`: due work is started, work whose process vanished is ended in its place. Any number of them may run.

use super::machine::{self, File};
use crate::config::{self, Config};
use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use dbdesk_commands::id::TaskId;
use dbdesk_components::mysql::shadow;
use dbdesk_executor::{journal, process};
use dbdesk_schedule::{
    Hands, Redis, Settings,
    control::{End, control},
    dispatch::Room,
};
use dbdesk_store::queue::Held;
use std::{io, path::PathBuf, process::Stdio, sync::Arc, time::Duration};
use tokio::process::Command;

/// A task's own log is kept for so long after its last line.
const LOGS_LAST: TimeDelta = TimeDelta::days(14);

/// Between two looks for shadows that nobody uses any more.
const SWEEP_EVERY: Duration = Duration::from_mins(1);
/// One step of such a look may take so long.
const SWEEP_LIMIT: Duration = Duration::from_secs(5);

/// Works until it is asked to end. What runs meanwhile runs on.
pub async fn run(file: File, config: Config) -> Result<()> {
    let host = machine::host(&config);
    let state_dir = config.control.state_dir.clone();
    dbdesk_executor::detach::folder(&state_dir)
        .with_context(|| format!("control.state_dir {} can not be made", state_dir.display()))?;
    let detach = Detach { program: machine::program()?, arguments: file.arguments("detach")? };
    let boot_id = process::boot_id()?;
    let [known, kept, forget, sweep] = [(); 4].map(|()| state_dir.clone());
    let hands = Hands {
        launch: Arc::new(move |task| detach.start(task)),
        gone: Arc::new(move |held| held.boot_id != boot_id || !process::lives(held.pid, held.pid_start)),
        known: Arc::new(move |held| journal::known(&known, held.task, held.epoch)),
        end: Arc::new(end),
        kept: Arc::new(move || journal::all(&kept)),
        forget: Arc::new(move |task, epoch| journal::forget(&forget, task, epoch)),
        sweep: Arc::new(move |now| {
            if let Err(error) = journal::sweep_logs(&sweep, (now - LOGS_LAST).into()) {
                tracing::warn!(%error, "old logs of tasks can not be removed");
            }
        }),
    };
    let room = Room {
        per_host: config.control.tasks_at_once as usize,
        per_group: config.control.tasks_per_group as usize,
    };
    // Two controls on one machine are two consumers.
    let name = format!("{host}-{}", std::process::id());
    let settings = Settings::usual(name, host, room);
    let store = dbdesk_store::pool(&config.store.connect());
    let redis = Redis::new(config.redis.client()?)?;
    let sweeping = tokio::spawn(sweep_shadows(config.shadow.clone()));
    tracing::info!(name = settings.name, host = settings.host, "control works");
    Box::pin(control(settings, store, redis, machine::clock(), hands, machine::stop()?)).await;
    sweeping.abort();
    tracing::info!("control ends; what runs runs on");
    Ok(())
}

/// What a crash left on review servers is dropped: at once, and then every minute.
async fn sweep_shadows(config: config::Shadow) {
    loop {
        for (name, server) in &config.server {
            match shadow::sweep(&server.options(), config.lost_after(), SWEEP_LIMIT).await {
                Ok(gone) if gone.is_empty() => {}
                Ok(gone) => {
                    tracing::info!(server = name, ?gone, "shadows that nobody uses any more were dropped");
                }
                Err(error) => tracing::warn!(server = name, %error, "a review server could not be swept"),
            }
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}

fn end(held: &Held) -> End {
    let (task, pid, start) = (held.task, held.pid, held.pid_start);
    Box::pin(async move {
        if let Err(error) = process::ended(pid, start).await {
            tracing::warn!(%task, pid, %error, "the end of a process can not be waited for; it is looked for instead");
            // The next look finds it; this one must not end at once, or looks would never end.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    })
}

struct Detach {
    program: PathBuf,
    arguments: Vec<String>,
}

impl Detach {
    /// Without anything between fork and exec, so that no memory is copied however large this process is.
    fn start(&self, task: TaskId) -> io::Result<()> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .arg(task.0.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        tokio::spawn(async move {
            match child.wait().await {
                Ok(status) if status.success() => {}
                Ok(status) => tracing::error!(%task, %status, "its process could not be started"),
                Err(error) => tracing::error!(%task, %error, "the launcher's end is not known"),
            }
        });
        Ok(())
    }
}
