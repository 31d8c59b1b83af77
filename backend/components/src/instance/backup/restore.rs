//! A backup becomes the data of a server.

use super::{Backup, BackupPlace, manifest};
use crate::{
    host::Command,
    instance::{
        InstanceError, Place, Position,
        client::Client,
        copy::{COPY_LIMIT, closed, dump, files, opened},
        data,
        owner::Owner,
        programs::flavour,
    },
};
use dbdesk_cluster::step::CopyBy;

/// Restores a backup into a server that is made and does not run, as [`copy_data`](crate::instance::copy_data) does.
///
/// # Errors
/// There is no such backup, it is damaged, or data of somebody's is there.
pub async fn restore(target: &BackupPlace<'_>, id: &str, to: &Place<'_>) -> Result<Position, InstanceError> {
    let backup = whole(target, id).await?;
    let copy = Client::of(to).await?;
    let owner = opened(&copy).await?;
    let gtid = restored(target, &backup, &copy, &owner).await?;
    closed(&copy, gtid, backup.source).await
}

/// One whose file is what it was.
pub(in crate::instance) async fn whole(target: &BackupPlace<'_>, id: &str) -> Result<Backup, InstanceError> {
    let gone = || InstanceError::Gone(id.to_owned());
    let backup = manifest::read(target, id).await?.ok_or_else(gone)?;
    let path = target.at(id, backup.ending())?;
    let sum = Command::new(["sha256sum", "--", &path]).limit(COPY_LIMIT);
    let sum = target.succeeded(&sum).await?.text();
    if sum.split_whitespace().next() != Some(&backup.sha256) {
        return Err(InstanceError::Damaged(format!("the SHA-256 of {path}")));
    }
    Ok(backup)
}

/// Brings it in; the server runs for us alone then. Gives up to where it reaches.
pub(in crate::instance) async fn restored(
    target: &BackupPlace<'_>,
    backup: &Backup,
    copy: &Client<'_>,
    owner: &Owner,
) -> Result<String, InstanceError> {
    let to = copy.place;
    let wanted = flavour(&backup.flavour)?;
    if copy.programs.flavour != wanted {
        let (program, found) = (copy.programs.server.clone(), copy.programs.version.clone());
        return Err(InstanceError::WrongVersion { program, found, wanted: backup.flavour.clone() });
    }
    let path = target.at(&backup.id, backup.ending())?;
    let says = Command::new(["gzip", "-dc", "--", &path]).limit(COPY_LIMIT);
    let from = (target.host, &says);
    if backup.way == CopyBy::MariadbBackup {
        let new = data::folder(to, owner).await?;
        let reads = files::reads(copy, &new);
        files::piped(from, (to.host, &reads)).await.map_err(|error| to.failed(error))?;
        return files::prepared(copy, &new, owner).await;
    }
    let feed = async |reads| files::piped(from, (to.host, &reads)).await.map_err(|error| to.failed(error));
    dump::loaded(copy, owner, feed).await
}
