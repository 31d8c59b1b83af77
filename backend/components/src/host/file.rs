//! Files on a host, by its shell and coreutils.

use super::{Command, Host, HostError, succeeded};
use dbdesk_commands::lang::Said;

/// What our scripts say of a file that is not there.
const GONE: i32 = 44;

/// What is written is as long as it was when it was sent: a connection that breaks leaves what was there. A link is replaced, not followed.
const WRITE: &str = r#"umask 077
new=$(mktemp -- "$1.XXXXXXXX") || exit 1
trap 'rm -f -- "$new"' EXIT
cat >"$new" && [ "$(wc -c <"$new")" -eq "$3" ] && chmod -- "$2" "$new" && sync -- "$new" && mv -fT -- "$new" "$1""#;

const READ: &str = r#"[ -e "$1" ] || exit 44
exec head -c "$2" -- "$1""#;

const EXISTS: &str = r#"[ -e "$1" ] || [ -L "$1" ] || exit 44"#;

/// Writes a file with these permission bits, at once: who reads it sees the old one or the new one. Its folder must be there.
pub async fn write(host: &dyn Host, path: &str, bytes: &[u8], mode: u16) -> Result<(), HostError> {
    let path = absolute(path)?;
    let arguments = [path.to_owned(), format!("{:04o}", mode & 0o777), bytes.len().to_string()];
    succeeded(host, &Command::script(WRITE, arguments).stdin(bytes)).await.map(drop)
}

/// What stands in a file that has at most so many bytes.
pub async fn read(host: &dyn Host, path: &str, most_bytes: usize) -> Result<Vec<u8>, HostError> {
    let path = absolute(path)?;
    let arguments = [path.to_owned(), (most_bytes + 1).to_string()];
    let command = Command::script(READ, arguments).most_output_bytes(most_bytes + 1);
    let done = host.run(&command).await?;
    match done.code {
        0 if done.stdout.len() > most_bytes => Err(HostError::Long(path.to_owned(), most_bytes)),
        0 => Ok(done.stdout),
        GONE => Err(HostError::Gone(path.to_owned())),
        _ => Err(HostError::failed(&command, &done)),
    }
}

/// Whether there is something of that name.
pub async fn exists(host: &dyn Host, path: &str) -> Result<bool, HostError> {
    let command = Command::script(EXISTS, [absolute(path)?]);
    let done = host.run(&command).await?;
    match done.code {
        0 => Ok(true),
        GONE => Ok(false),
        _ => Err(HostError::failed(&command, &done)),
    }
}

/// Removes a file. What is not there is removed.
pub async fn remove(host: &dyn Host, path: &str) -> Result<(), HostError> {
    succeeded(host, &Command::new(["rm", "-f", "--", absolute(path)?])).await.map(drop)
}

pub(super) fn absolute(path: &str) -> Result<&str, HostError> {
    if path.starts_with('/') {
        Ok(path)
    } else {
        Err(HostError::Words(Said::fixed("a path does not begin with /", "路径不以 / 开头")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Local;

    #[tokio::test]
    async fn what_broke_off_on_its_way_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file").display().to_string();
        let host = Local::new("here");
        write(&host, &path, b"as it was", 0o600).await.unwrap();
        let arguments = [path.as_str(), "0600", "10"];
        let cut = host.run(&Command::script(WRITE, arguments).stdin("half")).await.unwrap();
        assert_eq!(cut.code, 1);
        assert_eq!(read(&host, &path, 100).await.unwrap(), b"as it was");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left");
    }
}
