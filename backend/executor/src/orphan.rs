//! Who waits for the end of a process that nobody started: pid 1, if it is an init. In a container it may be any program, and then
//! each task leaves an entry in the table of processes until none can be started any more.

use crate::process;
use std::{io, process::Stdio, time::Duration};
use tokio::process::Command;

/// An init waits for it within milliseconds.
const LIMIT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(20);

/// What became of an orphan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Orphan {
    /// It was waited for.
    Reaped,
    /// It is still there, ended.
    Left {
        /// Whose child it is now.
        parent: u32,
        /// That one's program.
        name: String,
    },
}

/// Makes one that ends soon, and looks whether it goes away.
///
/// # Errors
/// None could be made.
pub async fn attempt() -> io::Result<Orphan> {
    let mut shell = Command::new("sh");
    // It ends after the shell, which would wait for it else.
    shell.args(["-c", "sleep 0.1 >/dev/null 2>&1 & echo $!"]).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, shell.output()).await??;
    let text = String::from_utf8_lossy(&output.stdout);
    let pid = text.trim().parse().map_err(|_| io::Error::other(format!("sh said “{}”", text.trim())))?;
    let gone = async {
        while process::stat(pid).is_some() {
            tokio::time::sleep(LOOK).await;
        }
    };
    let gone = tokio::time::timeout(LIMIT, gone).await.is_ok();
    Ok(match process::stat(pid) {
        Some(stat) if !gone && stat.state == 'Z' => {
            Orphan::Left { parent: stat.parent, name: process::name(stat.parent).unwrap_or_default() }
        }
        _ => Orphan::Reaped,
    })
}
