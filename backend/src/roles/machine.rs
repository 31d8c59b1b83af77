//! What control, detach and run have in common: this machine, this program, its signals.

use crate::{config::Config, desk::Chance};
use anyhow::{Context as _, Result};
use dbdesk_commands::{clock::Clock, id::TaskId, wire::audit::Via};
use dbdesk_executor::process;
use dbdesk_store::audit::Origin;
use std::path::PathBuf;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Which configuration file, for the programs that are started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File(pub Option<PathBuf>);

impl File {
    /// The arguments `WORD --config … LAST`, without a word for a program that has one role only. No secrets: everybody on the machine
    /// reads them.
    pub(super) fn arguments(&self, word: Option<&str>, last: &str) -> Result<Vec<String>> {
        let mut arguments: Vec<String> = word.into_iter().map(str::to_owned).collect();
        if let Some(path) = &self.0 {
            let path = path.canonicalize().with_context(|| format!("{} can not be found", path.display()))?;
            arguments.extend(["--config".to_owned(), path.to_string_lossy().into_owned()]);
        }
        arguments.push(last.to_owned());
        Ok(arguments)
    }
}

/// Which task, and which configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Args {
    /// The configuration file.
    pub file: File,
    /// The task.
    pub task: TaskId,
}

/// This very program. After an upgrade the kernel calls the old file "(deleted)"; then what stands in its place now is meant.
pub(super) fn program() -> Result<PathBuf> {
    let path = std::env::current_exe().context("this program's own file can not be found")?;
    let text = path.to_string_lossy();
    Ok(text.strip_suffix(" (deleted)").map(PathBuf::from).unwrap_or(path))
}

/// The program that does a task's work; it stands beside this one.
pub(super) fn runner() -> Result<PathBuf> {
    Ok(program()?.with_file_name("dbdesk-run"))
}

/// The program that minds a script; it stands beside this one.
pub(super) fn warden() -> Result<PathBuf> {
    Ok(program()?.with_file_name("dbdesk-warden"))
}

/// What this machine calls itself in the store.
pub(super) fn host(config: &Config) -> String {
    if config.control.name.is_empty() { process::host() } else { config.control.name.clone() }
}

/// Who works in a shell on this machine, for the audit log.
pub(super) fn shell() -> Origin {
    let uid = rustix::process::getuid().as_raw();
    Origin {
        otherwise: format!("uid {uid}"),
        via: Via::Cli,
        source: Some(format!("{} uid {uid}", process::host())),
        ..Origin::default()
    }
}

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "a role asks the machine for the time")]
pub(super) fn clock() -> Clock {
    Clock::new(chrono::Utc::now)
}

/// The system's chance.
#[expect(clippy::disallowed_methods, reason = "a role asks the machine for chance")]
pub(super) fn chance() -> Chance {
    Chance::new(|bytes| Ok(getrandom::fill(bytes)?))
}

/// Becomes true when somebody asks this process to end.
pub(super) fn stop() -> Result<watch::Receiver<bool>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (send, stop) = watch::channel(false);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                Some(()) = terminate.recv() => {}
                Some(()) = interrupt.recv() => {}
                else => return,
            }
            send.send_replace(true);
        }
    });
    Ok(stop)
}
