//! What a process knows and could not write to the store: the answer of the statement in flight, in a file of its own machine.
//! The process writes it before it waits for the store, and removes it once the store has it. When the process is gone, control
//! on the same machine reads it, so that a known answer is not told as lost.

use crate::detach::folder;
use dbdesk_commands::{id::TaskId, wire::entry::Event};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

fn file(state_dir: &Path, task: TaskId, epoch: u64) -> io::Result<PathBuf> {
    Ok(folder(state_dir)?.join(format!("{task}.{epoch}.known")))
}

/// Keeps what is known; it is on the disk when this returns.
pub fn keep(state_dir: &Path, task: TaskId, epoch: u64, event: &Event) -> io::Result<()> {
    let place = file(state_dir, task, epoch)?;
    let fresh = place.with_extension("fresh");
    let mut out = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&fresh)?;
    out.write_all(&serde_json::to_vec(event)?)?;
    out.sync_all()?;
    fs::rename(&fresh, &place)
}

/// What is known, if something is.
#[must_use]
pub fn known(state_dir: &Path, task: TaskId, epoch: u64) -> Option<Event> {
    let bytes = fs::read(file(state_dir, task, epoch).ok()?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The store has it.
pub fn forget(state_dir: &Path, task: TaskId, epoch: u64) {
    if let Ok(place) = file(state_dir, task, epoch) {
        let _ = fs::remove_file(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_known_to_the_same_lease_only_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        let (task, event) =
            (TaskId(7), Event::StatementFailed { index: 1, total: 2, code: None, message: "no".into() });
        assert_eq!(known(dir.path(), task, 1), None);
        keep(dir.path(), task, 1, &event).unwrap();
        assert_eq!(known(dir.path(), task, 1), Some(event));
        assert_eq!(known(dir.path(), task, 2), None);
        forget(dir.path(), task, 1);
        assert_eq!(known(dir.path(), task, 1), None);
    }
}
