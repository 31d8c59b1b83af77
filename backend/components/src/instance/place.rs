//! Where a server is.

use super::InstanceError;
use crate::host::{Command, Done, Host, HostError, file, succeeded};
use dbdesk_commands::lang::Said;

/// A socket's whole path has 107 bytes.
const MOST_FOLDER_BYTES: usize = 80;

/// Where a server is, or is to be.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// Its machine.
    pub host: &'a dyn Host,
    /// Its folder, `{host.folder}/{port}`; programs of a flavour may be in `{host.folder}/programs/{flavour}`.
    pub folder: String,
    /// The address at which it listens.
    pub address: String,
    /// The port.
    pub port: u16,
    /// As whom of the operating system it runs.
    pub user: String,
}

impl<'a> Place<'a> {
    /// That of a port on a host of the inventory.
    #[must_use]
    pub fn on(host: &'a dyn Host, described: &dbdesk_cmdb::Host, port: u16) -> Self {
        Self {
            host,
            folder: format!("{}/{port}", described.folder),
            address: described.address.clone(),
            port,
            user: described.user.clone(),
        }
    }

    /// Whether every path in it can stand in a file of options as it is.
    pub(super) fn checked(&self) -> Result<(), InstanceError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let path = self.folder.starts_with('/')
            && self.folder.len() <= MOST_FOLDER_BYTES
            && self.folder.chars().all(plain)
            && self.folder.split('/').skip(1).all(|part| !part.is_empty() && part != "." && part != "..")
            && self.folder.matches('/').count() > 1;
        let word = |text: &str| {
            !text.is_empty()
                && text.len() <= 255
                && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c))
        };
        if !path {
            return Err(InstanceError::Unusable(Said::fixed(
                "the folder is not usable: an absolute path of at most 80 letters, digits, -, _ and .",
                "目录不可用：须为绝对路径，只含字母、数字、-、_ 和 .，最长 80 个字符",
            )));
        }
        if !word(&self.address) || !word(&self.user) || self.port == 0 {
            return Err(InstanceError::Unusable(Said::fixed(
                "the address, the port or the user is not usable",
                "地址、端口或用户不可用",
            )));
        }
        Ok(())
    }

    /// `{host.folder}`
    pub(super) fn parent(&self) -> &str {
        self.folder.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    pub(super) fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    pub(super) fn config(&self) -> String {
        self.at("my.cnf")
    }

    pub(super) fn socket(&self) -> String {
        self.at("run/mysql.sock")
    }

    pub(super) fn record(&self) -> String {
        self.at("process")
    }

    pub(super) fn log(&self) -> String {
        self.at("log/error.log")
    }

    pub(super) fn failed(&self, error: HostError) -> InstanceError {
        match error {
            HostError::NoProgram(program) => InstanceError::NoProgram(program),
            error => InstanceError::Host(self.host.name().to_owned(), error),
        }
    }

    /// Runs it to its end, however it ends.
    pub(super) async fn ran(&self, command: &Command) -> Result<Done, InstanceError> {
        self.host.run(command).await.map_err(|error| self.failed(error))
    }

    pub(super) async fn succeeded(&self, command: &Command) -> Result<Done, InstanceError> {
        succeeded(self.host, command).await.map_err(|error| self.failed(error))
    }

    pub(super) async fn write(&self, path: &str, bytes: &[u8], mode: u16) -> Result<(), InstanceError> {
        file::write(self.host, path, bytes, mode).await.map_err(|error| self.failed(error))
    }

    /// What stands in a file; nothing, where there is none.
    pub(super) async fn read(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, InstanceError> {
        match file::read(self.host, path, most).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(HostError::Gone(_)) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    pub(super) async fn exists(&self, path: &str) -> Result<bool, InstanceError> {
        file::exists(self.host, path).await.map_err(|error| self.failed(error))
    }

    pub(super) async fn remove_file(&self, path: &str) -> Result<(), InstanceError> {
        file::remove(self.host, path).await.map_err(|error| self.failed(error))
    }

    /// Removes a folder of ours with all in it.
    pub(super) async fn remove_tree(&self, path: &str) -> Result<(), InstanceError> {
        self.succeeded(&Command::script(REMOVE, [path]).limit(TREE_LIMIT)).await.map(drop)
    }

    /// An empty folder whose name begins so and is its own; those of attempts before this one are gone. A program that one of them left running
    /// writes nowhere then.
    pub(super) async fn fresh(&self, path: &str) -> Result<String, InstanceError> {
        let made = self.succeeded(&Command::script(FRESH, [path]).limit(TREE_LIMIT)).await?.text();
        Ok(made.trim_end().to_owned())
    }
}

/// Who is being killed may write one more file.
const REMOVE: &str = r#"tries=30
until rm -rf --one-file-system -- "$1" 2>/dev/null; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || exec rm -rf --one-file-system -- "$1"
  sleep 0.1
done"#;

const FRESH: &str = r#"for old in "$1".*; do
  tries=30
  until rm -rf --one-file-system -- "$old" 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || exit 1
    sleep 0.1
  done
done
exec mktemp -d -- "$1.XXXXXXXX""#;

/// Removing or handing over many files.
pub(super) const TREE_LIMIT: std::time::Duration = std::time::Duration::from_mins(30);
