//! A server's folder goes: aside, back, or for good.

use super::{
    InstanceError, Place,
    made::{found, is_name},
    run::{self, running},
};
use crate::host::Command;
use dbdesk_commands::lang::said;

/// Removes an instance that this made, and that does not run. What is gone is removed.
///
/// # Errors
/// Somebody else made it, or it runs.
pub async fn remove(place: &Place<'_>, made_by: &str) -> Result<(), InstanceError> {
    place.checked()?;
    let going = format!("{}.removing", place.folder);
    if let Some(there) = found(place).await? {
        if there.made_by != made_by {
            let (folder, by) = (place.folder.clone(), Some(there.made_by));
            return Err(InstanceError::SomebodyElses { folder, by });
        }
        if running(place).await?.is_some() {
            return Err(InstanceError::Runs);
        }
        place.remove_tree(&going).await?;
        // At once: half a folder would be nobody's.
        place.succeeded(&Command::new(["mv", "-T", "--", &place.folder, &going])).await?;
    }
    place.remove_tree(&going).await?;
    place.remove_tree(&format!("{}.making", place.folder)).await?;
    match found(place).await? {
        None => Ok(()),
        Some(_) => Err(InstanceError::NotTaken(format!("{} is there", place.folder))),
    }
}

/// Moves a stopped instance to `{host.folder}/set-aside/{port}-{by}`, whoever made it; gives that path.
pub async fn set_aside(place: &Place<'_>, by: &str) -> Result<String, InstanceError> {
    let aside = aside(place, by)?;
    if found(place).await?.is_some() {
        run::ended_already(place).await?;
        moved(place, &place.folder, &aside).await?;
    } else if !place.exists(&aside).await? {
        return Err(InstanceError::NotMade(place.folder.clone()));
    }
    Ok(aside)
}

/// Moves what [`set_aside`] moved back to where it was.
pub async fn bring_back(place: &Place<'_>, by: &str) -> Result<(), InstanceError> {
    let aside = aside(place, by)?;
    match (found(place).await?, place.exists(&aside).await?) {
        (Some(_), false) => Ok(()),
        (Some(_), true) => Err(InstanceError::Exists(place.folder.clone())),
        (None, true) => moved(place, &aside, &place.folder).await,
        (None, false) => Err(InstanceError::Gone(aside)),
    }
}

fn aside(place: &Place<'_>, by: &str) -> Result<String, InstanceError> {
    place.checked()?;
    if !is_name(by) {
        return Err(InstanceError::Unusable(said!("“{by}” is no name", "“{by}”不是可用的名称")));
    }
    Ok(format!("{}/set-aside/{}-{by}", place.parent(), place.port))
}

async fn moved(place: &Place<'_>, from: &str, to: &str) -> Result<(), InstanceError> {
    if place.exists(to).await? {
        return Err(InstanceError::Exists(to.to_owned()));
    }
    let parent = to.rsplit_once('/').map_or("/", |(parent, _)| parent);
    place.succeeded(&Command::new(["mkdir", "-p", "--", parent])).await?;
    place.succeeded(&Command::new(["mv", "-T", "--", from, to])).await?;
    place.succeeded(&Command::new(["sync", "-f", "--", parent])).await?;
    if place.exists(to).await? && !place.exists(from).await? {
        return Ok(());
    }
    Err(InstanceError::NotTaken(format!("{to} is not there")))
}
