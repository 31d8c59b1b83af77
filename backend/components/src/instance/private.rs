//! A server that runs for us alone: without a network, and writable.

use super::{InstanceError, accounts, client::Client, owner::Owner, run};
use std::time::Duration;

const STOP_LIMIT: Duration = Duration::from_mins(10);

/// Starts it so; whoever runs there is stopped. `root` is who we are on this host, wherever the data came from.
pub(super) async fn start(client: &Client<'_>, owner: &Owner) -> Result<(), InstanceError> {
    let place = client.place;
    stop(client).await?;
    let init = place.at("root.sql");
    // No secret is in it, and the server reads it as its own user.
    let sql = accounts::root(&owner.login, client.programs.flavour);
    place.write(&init, sql.as_bytes(), 0o644).await?;
    let mut options = vec![format!("--init-file={init}")];
    options.extend(["--skip-networking", "--read-only=OFF", "--event-scheduler=OFF"].map(String::from));
    let more: &[&str] = if client.programs.flavour.is_mariadb() {
        &["--skip-slave-start"]
    } else {
        &["--super-read-only=OFF", "--skip-replica-start"]
    };
    options.extend(more.iter().map(ToString::to_string));
    run::launched(client, &options).await?;
    place.remove_file(&init).await
}

/// Stops it.
pub(super) async fn stop(client: &Client<'_>) -> Result<(), InstanceError> {
    run::ended(client.place, STOP_LIMIT).await
}
