//! A backup is believed once it has been restored.

use super::{
    Backup, BackupPlace, keep, manifest,
    restore::{restored, whole},
};
use crate::instance::{
    Accounts, InstanceError, Place, client::Client, copy::opened, make::make, owner::Owner, private, remove,
};
use chrono::{DateTime, Utc};
use dbdesk_cluster::step::InstanceSpec;

/// Enough to read tables one after the other.
const BUFFER_POOL_MB: u32 = 64;

/// What is thrown away need not reach the disk.
const UNSAFE: [(&str, &str); 5] = [
    ("innodb_doublewrite", "OFF"),
    ("innodb_flush_log_at_trx_commit", "0"),
    ("innodb_flush_method", "nosync"),
    ("performance_schema", "OFF"),
    ("sync_binlog", "0"),
];

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Tables that were read and are whole.
    pub tables: usize,
    /// Those whose checksum is that of the source, which was not written to meanwhile.
    pub compared: usize,
}

/// Restores a backup into a server of its own at `scratch`, where nobody is; reads all its tables, compares what is kept of them, and removes
/// that server again, however it ends. What is found whole is written down with this time.
///
/// # Errors
/// [`InstanceError::Damaged`] says by what.
pub async fn verify(
    target: &BackupPlace<'_>,
    id: &str,
    scratch: &Place<'_>,
    now: DateTime<Utc>,
) -> Result<Verified, InstanceError> {
    let backup = whole(target, id).await?;
    let found = within(scratch, &backup, async |client, owner| {
        restored(target, &backup, client, owner).await?;
        looked_at(target, &backup, client).await
    })
    .await?;
    manifest::write(target, &Backup { verified_at: Some(now), ..backup }).await?;
    Ok(found)
}

async fn looked_at(
    target: &BackupPlace<'_>,
    backup: &Backup,
    client: &Client<'_>,
) -> Result<Verified, InstanceError> {
    let kept = manifest::content(target, &backup.id).await?;
    let there = keep::tables(client).await?;
    let missing = kept.tables.iter().find(|table| !there.contains(table));
    if let Some((database, table)) = missing {
        return Err(InstanceError::Damaged(format!("there is no table {database}.{table}")));
    }
    keep::whole(client, &there).await?;
    let names: Vec<String> = kept.checksums.keys().cloned().collect();
    let sums = keep::checksums(client, &names).await?;
    if let Some(name) = names.iter().find(|name| sums.get(*name) != kept.checksums.get(*name)) {
        return Err(InstanceError::Damaged(format!("{name} is not what it was")));
    }
    Ok(Verified { tables: there.len(), compared: names.len() })
}

/// Does something with a server that is made for it and removed then.
pub(in crate::instance) async fn within<T>(
    scratch: &Place<'_>,
    backup: &Backup,
    work: impl AsyncFnOnce(&Client<'_>, &Owner) -> Result<T, InstanceError>,
) -> Result<T, InstanceError> {
    // Its name says that it is nobody's but this backup's.
    let made_by = format!("scratch.{}", &backup.sha256.get(..16).unwrap_or_default());
    let spec = InstanceSpec {
        flavour: backup.flavour.clone(),
        server_id: u32::MAX,
        buffer_pool_mb: BUFFER_POOL_MB,
        parameters: UNSAFE.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    };
    make(scratch, &spec, &made_by, &Accounts::default()).await?;
    let client = Client::of(scratch).await?;
    let done = match opened(&client).await {
        Ok(owner) => work(&client, &owner).await,
        Err(error) => Err(error),
    };
    let gone = async {
        private::stop(&client).await?;
        remove(scratch, &made_by).await
    };
    let gone = gone.await;
    // What went wrong first is what is told.
    let done = done?;
    gone.map(|()| done)
}
