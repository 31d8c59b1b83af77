//! The data of one server comes to another.

mod clone;
pub(super) mod dump;
pub(super) mod files;

use super::{
    InstanceError, Login, Place, Position,
    client::Client,
    made::made,
    owner::Owner,
    position::{self, position},
    private,
    run::{running, settled},
};
use crate::host::Command;
use dbdesk_cluster::step::CopyBy;
use dbdesk_commands::lang::Said;
use std::time::Duration;

/// How long a copy may take.
pub(super) const COPY_LIMIT: Duration = Duration::from_hours(24);

/// Copies the data of a running server to one that is made and does not run, and gives up to where it has it. The copy is read back, and
/// stopped again. `login` is [`Role::Replication`](super::Role)'s account on the source, which a clone needs.
///
/// # Errors
/// Data of somebody's is at `to`: more than an empty server's, and no copy that has not begun to follow.
pub async fn copy_data(
    from: &Place<'_>,
    to: &Place<'_>,
    by: CopyBy,
    login: Option<&Login>,
) -> Result<Position, InstanceError> {
    let (source, copy) = (Client::of(from).await?, Client::of(to).await?);
    if source.programs.flavour != copy.programs.flavour {
        return Err(InstanceError::WrongVersion {
            program: copy.programs.server.clone(),
            found: copy.programs.version.clone(),
            wanted: made(from).await?.spec.flavour,
        });
    }
    if (from.host.name(), &from.folder) == (to.host.name(), &to.folder) {
        return Err(InstanceError::Unusable(Said::fixed(
            "a server is no copy of itself",
            "不能把实例复制到它自己",
        )));
    }
    let before = source.databases().await?;
    let owner = opened(&copy).await?;
    let maria = source.programs.flavour.is_mariadb();
    let gtid = match (by, login) {
        (CopyBy::MariadbBackup, _) if maria => files::copied(&source, &copy, &owner).await?,
        (CopyBy::Clone, Some(login)) if !maria => clone::copied(&source, &copy, &owner, login).await?,
        (CopyBy::Dump, _) => dump::copied(&source, &copy, &owner).await?,
        (CopyBy::Clone, None) if !maria => {
            return Err(InstanceError::Unusable(Said::fixed(
                "a clone needs an account on its source",
                "克隆需要源实例上的账号",
            )));
        }
        _ => {
            return Err(InstanceError::Unusable(Said::fixed(
                "this flavour can not be copied that way",
                "这种实例不能用这种方式复制",
            )));
        }
    };
    let (after, there) = (source.databases().await?, copy.databases().await?);
    let missing: Vec<_> =
        before.iter().filter(|name| after.contains(name) && !there.contains(name)).collect();
    if let Some(name) = missing.first() {
        return Err(InstanceError::NotTaken(format!("the copy has no database {name}")));
    }
    closed(&copy, gtid, format!("{}:{}", from.address, from.port)).await
}

/// Data may come in from here on: what is there is nobody's, or becomes so now. What a copy before this one left is gone.
pub(super) async fn opened(copy: &Client<'_>) -> Result<Owner, InstanceError> {
    let to = copy.place;
    alone(copy).await?;
    let copying = to.at(COPYING);
    if to.exists(&copying).await? || position(to).await?.is_some_and(|position| !position.is_set) {
        to.write(&copying, b"", 0o640).await?;
        to.remove_tree(&to.at("data")).await?;
    } else {
        let there = databases_of_files(to).await?;
        if !there.is_empty() {
            return Err(InstanceError::Occupied(there.join(", ")));
        }
        to.write(&copying, b"", 0o640).await?;
    }
    position::forget(to).await?;
    Owner::of(to).await
}

/// A copy that runs for us alone knows up to where it reaches, and is stopped.
pub(super) async fn closed(copy: &Client<'_>, gtid: String, from: String) -> Result<Position, InstanceError> {
    position::told(copy, &gtid).await?;
    private::stop(copy).await?;
    let position = Position { gtid, from, is_set: false };
    position::write(copy.place, &position).await?;
    copy.place.remove_file(&copy.place.at(COPYING)).await?;
    Ok(position)
}

/// Nobody runs there but what a copy that broke off left.
async fn alone(copy: &Client<'_>) -> Result<(), InstanceError> {
    settled(copy.place).await?;
    if running(copy.place).await?.is_none() {
        return Ok(());
    }
    match copy.value("SELECT @@skip_networking").await {
        Ok(private) if private == "0" => Err(InstanceError::Runs),
        Ok(_) | Err(InstanceError::NotRunning) => private::stop(copy).await,
        Err(error) => Err(error),
    }
}

/// The folders of people's databases.
async fn databases_of_files(place: &Place<'_>) -> Result<Vec<String>, InstanceError> {
    let list = Command::new([
        "find",
        &place.at("data"),
        "-mindepth",
        "1",
        "-maxdepth",
        "1",
        "-type",
        "d",
        "-printf",
        "%f\\n",
    ]);
    let text = place.succeeded(&list).await?.text();
    let own = ["mysql", "sys", "performance_schema"];
    let theirs = text.lines().filter(|name| !own.contains(name) && !name.starts_with('#'));
    Ok(theirs.map(ToOwned::to_owned).collect())
}

/// Is there while data comes in.
const COPYING: &str = "copying";
