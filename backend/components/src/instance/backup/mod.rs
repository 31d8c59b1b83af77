//! Backups: taken of a running server, kept in a folder of a host, and believed once they have been restored.

mod keep;
mod list;
mod manifest;
mod restore;
mod take;
mod verify;

pub use list::{list, prune};
pub use manifest::{Backup, Taking};
pub use restore::restore;
pub use take::take;
pub use verify::{Verified, verify};

pub(super) use restore::{restored, whole};
pub(super) use verify::within;

use super::{InstanceError, made::is_name};
use crate::host::{Command, Done, Host, HostError, file, succeeded};
use dbdesk_commands::lang::said;

/// Where backups are kept: a folder that nobody but who the host lets us in as may read.
#[derive(Debug, Clone)]
pub struct BackupPlace<'a> {
    /// The machine.
    pub host: &'a dyn Host,
    /// The folder.
    pub folder: String,
}

impl BackupPlace<'_> {
    fn at(&self, id: &str, ending: &str) -> Result<String, InstanceError> {
        if is_name(id) {
            return Ok(format!("{}/{id}{ending}", self.folder));
        }
        Err(InstanceError::Unusable(said!("“{id}” is no name", "“{id}”不是可用的名称")))
    }

    fn failed(&self, error: HostError) -> InstanceError {
        match error {
            HostError::NoProgram(program) => InstanceError::NoProgram(program),
            error => InstanceError::Host(self.host.name().to_owned(), error),
        }
    }

    async fn succeeded(&self, command: &Command) -> Result<Done, InstanceError> {
        succeeded(self.host, command).await.map_err(|error| self.failed(error))
    }

    async fn write(&self, path: &str, bytes: &[u8]) -> Result<(), InstanceError> {
        file::write(self.host, path, bytes, 0o600).await.map_err(|error| self.failed(error))
    }

    async fn read(&self, path: &str, most: usize) -> Result<Option<Vec<u8>>, InstanceError> {
        match file::read(self.host, path, most).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(HostError::Gone(_)) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }
}
