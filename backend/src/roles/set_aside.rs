//! Tables that were set aside are dropped for good when their time is over.

use crate::config::Config;
use dbdesk_commands::clock::Clock;
use dbdesk_components::mysql::aside;
use dbdesk_store::{
    Pool, service_group,
    set_aside::{self, Due},
};
use std::time::Duration;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_mins(10);
/// In one look.
const BATCH: u32 = 20;
/// A server takes a while to let go of a large table.
const LIMIT: Duration = Duration::from_mins(10);

/// Never ends.
pub(super) async fn purge(config: Config, store: Pool, clock: Clock) {
    loop {
        if let Err(error) = look(&config, &store, &clock).await {
            tracing::warn!(%error, "what was set aside can not be looked through; it is tried again");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// One look; gives how many are gone now.
pub async fn look(config: &Config, store: &Pool, clock: &Clock) -> Result<u32, dbdesk_store::Error> {
    let before = clock.now() - config.ddl.set_aside_lasts();
    let mut gone = 0;
    for Due { group, aside } in set_aside::due(store, before, BATCH).await? {
        let Some(group) = service_group::by_id(store, group).await? else { continue };
        let Some(primary) = group.group.primary() else { continue };
        let account = config.target.run_account(&group.group.name);
        let server = account.options(&primary.host, primary.port);
        match aside::drop_kept(&server, (&aside.kept_in, &aside.kept_as), LIMIT).await {
            Ok(()) => {
                set_aside::gone(store, &aside, clock.now()).await?;
                gone += 1;
                tracing::info!(instance = %primary, table = aside.kept_as, "a table that was set aside is dropped for good");
            }
            Err(error) => {
                tracing::warn!(instance = %primary, table = aside.kept_as, %error, "a table that was set aside can not be dropped");
            }
        }
    }
    Ok(gone)
}
