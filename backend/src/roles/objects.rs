//! Objects in the bucket of backups are removed when their time is over.

use crate::config::Config;
use dbdesk_commands::clock::Clock;
use dbdesk_components::s3::S3Error;
use dbdesk_store::{Pool, backup_object};
use std::time::Duration;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_mins(10);
/// Known at a time.
const BATCH: u32 = 100;
/// Removed in one look; what is left waits for the next.
const MOST: u32 = 10_000;

/// Never ends.
pub(super) async fn purge(config: Config, store: Pool, clock: Clock) {
    loop {
        if let Err(error) = look(&config, &store, &clock).await {
            tracing::warn!(%error, "objects of backups whose time is over can not be removed; it is tried again");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// One look; gives how many are gone now. First the object, then what is known of it: a crash in between leaves nothing forgotten.
pub async fn look(config: &Config, store: &Pool, clock: &Clock) -> anyhow::Result<u32> {
    let before = clock.now() - config.backup.last();
    let (mut gone, mut after) = (0, 0);
    let mut due = backup_object::due(store, before, after, BATCH).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let s3 = config.backup.s3.as_ref();
    let objects = s3.ok_or_else(|| anyhow::anyhow!("no [backup.s3] is configured"))?.objects()?;
    while !due.is_empty() && gone < MOST {
        for one in due {
            after = one.id;
            match objects.remove((&one.bucket, &one.name), clock.now()).await {
                Ok(()) => {
                    backup_object::gone(store, &one).await?;
                    gone += 1;
                }
                // So it is with all of them.
                Err(
                    error @ (S3Error::Unreachable(_)
                    | S3Error::Time
                    | S3Error::Busy(_)
                    | S3Error::Denied(_)
                    | S3Error::Skew(_)),
                ) => return Err(error.into()),
                // One that can not be removed does not keep the others.
                Err(error) => {
                    tracing::warn!(bucket = one.bucket, object = one.name, %error, "an object of a backup can not be removed");
                }
            }
        }
        due = backup_object::due(store, before, after, BATCH).await?;
    }
    if gone > 0 {
        tracing::info!(gone, "objects of backups whose time is over are removed");
    }
    Ok(gone)
}
