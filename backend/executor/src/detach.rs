//! Starting `dbdesk-run` so that nobody is its parent. `dbdesk detach` leads a session of its own, starts `run`, notes it in the
//! task's row and ends; init adopts `run`. No memory is copied on the way: both are started with `posix_spawn`.

use crate::process;
use dbdesk_commands::id::TaskId;
use dbdesk_store::run::Claimant;
use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What to start.
#[derive(Debug, Clone)]
pub struct Order {
    /// The `dbdesk` program.
    pub program: PathBuf,
    /// Its arguments up to the task's number. No secrets: everybody on the machine reads them.
    pub args: Vec<String>,
    /// For which task.
    pub task: TaskId,
    /// The machine's name.
    pub host: String,
    /// Where logs and what is known are kept.
    pub state_dir: PathBuf,
}

/// The folder of the tasks' own files, made if it is not there; nobody else may read it.
pub fn folder(state_dir: &Path) -> io::Result<PathBuf> {
    let folder = state_dir.join("tasks");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    Ok(folder)
}

/// The file of what the process of a task has to say.
pub fn log(state_dir: &Path, task: TaskId) -> io::Result<File> {
    let file = folder(state_dir)?.join(format!("{task}.log"));
    OpenOptions::new().create(true).append(true).mode(0o600).open(file)
}

/// A full disk keeps nobody from working.
pub const NO_LOG: &str =
    "its log can not be opened: the disk may be full; it works all the same, and what it says stands here";

fn elsewhere(task: TaskId) -> impl FnOnce(io::Error) -> Stdio {
    move |error| {
        tracing::warn!(%task, %error, "{NO_LOG}");
        Stdio::inherit()
    }
}

/// Leaves the session of whoever started us; harmless where we lead one already.
pub fn leave_session() {
    let _ = rustix::process::setsid();
}

/// Starts `run` and gives who it is. It is not waited for.
pub fn start(order: &Order) -> io::Result<Claimant> {
    leave_session();
    let child = Command::new(&order.program)
        .args(&order.args)
        .arg(order.task.0.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log(&order.state_dir, order.task).map_or_else(elsewhere(order.task), Stdio::from))
        .spawn()?;
    process::claimant(&order.host, child.id())
}
