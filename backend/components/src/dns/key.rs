//! Keys from files.

use std::{
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

const MOST_BYTES: u64 = 4 << 10;
/// Read and write, for others than owner and group.
const OF_OTHERS: u32 = 0o007;

/// What is no key.
#[derive(Debug, thiserror::Error)]
pub enum NoKey {
    /// It can not be read.
    #[error("{0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// Everybody may read it.
    #[error("{0}: others may read it; chmod o-rwx")]
    Open(PathBuf),
    /// It is empty, too long, or has more than one line.
    #[error("{0}: it must be one line of at most 4 KiB")]
    Text(PathBuf),
}

/// The one line of a file that others can not read.
pub async fn key_from_file(file: &Path) -> Result<String, NoKey> {
    let failed = |error| NoKey::File(file.to_owned(), error);
    let there = tokio::fs::metadata(file).await.map_err(failed)?;
    if there.permissions().mode() & OF_OTHERS != 0 {
        return Err(NoKey::Open(file.to_owned()));
    }
    if there.len() > MOST_BYTES {
        return Err(NoKey::Text(file.to_owned()));
    }
    let text = tokio::fs::read_to_string(file).await.map_err(failed)?;
    let key = text.trim();
    if key.is_empty() || key.contains(char::is_whitespace) {
        return Err(NoKey::Text(file.to_owned()));
    }
    Ok(key.to_owned())
}
