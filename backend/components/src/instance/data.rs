//! Empty data.

use super::{InstanceError, Place, client::Client, owner::Owner, run};
use crate::host::Command;
use std::time::Duration;

const INIT_LIMIT: Duration = Duration::from_mins(10);

/// Makes empty data where there is none: elsewhere, and put there when it is whole.
pub(super) async fn empty(client: &Client<'_>, owner: &Owner) -> Result<(), InstanceError> {
    let place = client.place;
    if place.exists(&place.at("data")).await? {
        return Ok(());
    }
    let new = folder(place, owner).await?;
    let programs = &client.programs;
    let mut words = vec![programs.installs(), format!("--defaults-file={}", place.config())];
    if programs.flavour.is_mariadb() {
        words.extend(
            ["--skip-test-db", "--skip-name-resolve", "--auth-root-authentication-method=socket"]
                .map(String::from),
        );
        words.push(format!("--auth-root-socket-user={}", owner.login));
    } else {
        words[0].clone_from(&programs.server);
        words.push("--initialize-insecure".to_owned());
    }
    words.push(format!("--datadir={new}"));
    let command = Command::new(words).limit(INIT_LIMIT);
    let done = place.ran(&command).await?;
    if done.code != 0 {
        let why = crate::host::HostError::failed(&command, &done);
        let log = run::last_errors(place).await?;
        return Err(if log.is_empty() { place.failed(why) } else { InstanceError::DidNotStart(log) });
    }
    owner.hand_over(place, &new).await?;
    put(place, &new).await
}

/// A folder for data to come.
pub(super) async fn folder(place: &Place<'_>, owner: &Owner) -> Result<String, InstanceError> {
    let new = place.fresh(&place.at("data.new")).await?;
    owner.folder(place, &new).await?;
    Ok(new)
}

/// Data that is whole takes its place; what was there is gone.
pub(super) async fn put(place: &Place<'_>, new: &str) -> Result<(), InstanceError> {
    let (data, old) = (place.at("data"), place.at("data.old"));
    place.remove_tree(&old).await?;
    if place.exists(&data).await? {
        place.succeeded(&Command::new(["mv", "-T", "--", &data, &old])).await?;
    }
    place.succeeded(&Command::new(["mv", "-T", "--", new, &data])).await?;
    place.succeeded(&Command::new(["sync", "-f", "--", &place.folder])).await?;
    place.remove_tree(&old).await
}
