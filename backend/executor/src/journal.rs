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
    time::SystemTime,
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
    fs::rename(&fresh, &place)?;
    // Else the new name may be gone after a power cut.
    fs::File::open(folder(state_dir)?)?.sync_all()
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

/// What was kept on this machine: each with its task and the epoch of the lease.
#[must_use]
pub fn all(state_dir: &Path) -> Vec<(TaskId, u64, Event)> {
    let Ok(files) = folder(state_dir).and_then(fs::read_dir) else { return Vec::new() };
    files
        .flatten()
        .filter_map(|file| {
            let name = file.file_name().into_string().ok()?;
            let (task, epoch) = name.strip_suffix(".known")?.split_once('.')?;
            let (task, epoch) = (task.parse().ok()?, epoch.parse().ok()?);
            Some((task, epoch, known(state_dir, task, epoch)?))
        })
        .collect()
}

/// Removes logs of tasks that nobody has written to since `before`; gives how many.
pub fn sweep_logs(state_dir: &Path, before: SystemTime) -> io::Result<u32> {
    let mut removed = 0;
    for file in fs::read_dir(folder(state_dir)?)?.flatten() {
        let old = file.metadata().and_then(|about| about.modified()).is_ok_and(|at| at < before);
        if old
            && file.path().extension().is_some_and(|end| end == "log")
            && fs::remove_file(file.path()).is_ok()
        {
            removed += 1;
        }
    }
    Ok(removed)
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
        assert_eq!(known(dir.path(), task, 1), Some(event.clone()));
        assert_eq!(all(dir.path()), [(task, 1, event)]);
        assert_eq!(known(dir.path(), task, 2), None);
        forget(dir.path(), task, 1);
        assert_eq!(known(dir.path(), task, 1), None);
        assert!(all(dir.path()).is_empty());
    }

    #[test]
    fn only_logs_that_nobody_writes_to_any_more_are_swept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = folder(dir.path()).unwrap();
        for name in ["K-1.log", "K-1.1.known"] {
            fs::write(folder.join(name), "{}").unwrap();
        }
        assert_eq!(sweep_logs(dir.path(), SystemTime::UNIX_EPOCH).unwrap(), 0);
        let written = fs::metadata(folder.join("K-1.log")).unwrap().modified().unwrap();
        assert_eq!(sweep_logs(dir.path(), written + std::time::Duration::from_secs(1)).unwrap(), 1);
        assert!(folder.join("K-1.1.known").exists());
    }
}
