//! A server is made: folder, options, empty data, the desk's accounts.

use super::{
    Accounts, InstanceError, Made, Place, Stage,
    accounts::script,
    client::Client,
    config, data,
    made::{self, MARKER, found, is_name},
    owner::Owner,
    ports, private,
    programs::programs,
    run,
};
use crate::host::Command;
use dbdesk_cluster::step::InstanceSpec;
use dbdesk_commands::lang::said;

const MOST_CONFIG_BYTES: usize = 256 << 10;

/// It has its name when it says whose it is.
const FOLDER: &str = r#"umask 022
making="$1.making"
mkdir -p -- "$(dirname -- "$1")" && rm -rf -- "$making" && mkdir -m 0750 -- "$making" || exit 1
[ -z "$3" ] || chgrp -- "$3" "$making" || exit 1
cat >"$making/$2" && chmod 0640 "$making/$2" && sync -- "$making/$2" && mv -T -- "$making" "$1""#;

/// Makes it, stopped. Its GTID history is empty: it can follow from nothing.
///
/// # Errors
/// What stands in the way: somebody else's folder, a port that is taken, a program that is missing or another one.
pub async fn make(
    place: &Place<'_>,
    spec: &InstanceSpec,
    made_by: &str,
    accounts: &Accounts,
) -> Result<Made, InstanceError> {
    place.checked()?;
    config::checked(spec)?;
    if !is_name(made_by) {
        return Err(InstanceError::Unusable(said!("“{made_by}” is no name", "“{made_by}”不是可用的名称")));
    }
    let programs = programs(place, &spec.flavour).await?;
    let accounts_sql = script(accounts, programs.flavour)?;
    let owner = Owner::of(place).await?;
    let client = Client { place, programs };
    let begun = Made { made_by: made_by.to_owned(), stage: Stage::Begun, spec: spec.clone() };
    match found(place).await? {
        Some(there) if there.made_by != made_by => {
            let (folder, by) = (place.folder.clone(), Some(there.made_by));
            return Err(InstanceError::SomebodyElses { folder, by });
        }
        Some(there) if there.stage == Stage::Made && there.spec == *spec => return Ok(there),
        Some(there) if there.stage == Stage::Made => {
            return Err(InstanceError::Exists(place.folder.clone()));
        }
        Some(_) => {
            private::stop(&client).await?;
            ports::free(place).await?;
            made::write(place, &begun).await?;
        }
        None => {
            ports::free(place).await?;
            let group = owner.group().unwrap_or_default();
            let arguments = [&place.folder, MARKER, group];
            place.succeeded(&Command::script(FOLDER, arguments).stdin(made::bytes(&begun)?)).await?;
        }
    }
    for name in ["tmp", "run", "log"] {
        owner.folder(place, &place.at(name)).await?;
    }
    write_config(&client, spec, &owner).await?;
    data::empty(&client, &owner).await?;
    private::start(&client, &owner).await?;
    client.rows(&accounts_sql).await.map_err(without_words)?;
    is_fresh(&client, accounts).await?;
    private::stop(&client).await?;
    let made = Made { stage: Stage::Made, ..begun };
    made::write(place, &made).await?;
    run::stopped(place).await?;
    Ok(made)
}

/// Our part of `my.cnf`, with what a DBA wrote behind it.
pub(super) async fn write_config(
    client: &Client<'_>,
    spec: &InstanceSpec,
    owner: &Owner,
) -> Result<(), InstanceError> {
    let place = client.place;
    let there = place.read(&place.config(), MOST_CONFIG_BYTES).await?.unwrap_or_default();
    let ours = config::ours(place, spec, &client.programs, &owner.login);
    let text = config::merged(&String::from_utf8_lossy(&there), &ours);
    place.write(&place.config(), text.as_bytes(), 0o644).await
}

/// What a server says of a statement may have a piece of it, and of its password.
fn without_words(error: InstanceError) -> InstanceError {
    match error {
        InstanceError::Server { code, .. } => InstanceError::Server {
            code,
            message: "it refuses a statement on the desk's accounts".to_owned(),
        },
        other => other,
    }
}

async fn is_fresh(client: &Client<'_>, accounts: &Accounts) -> Result<(), InstanceError> {
    let gtid = if client.programs.flavour.is_mariadb() {
        "SELECT CONCAT(@@gtid_current_pos, @@gtid_binlog_state)"
    } else {
        "SELECT @@gtid_executed"
    };
    let gtid = client.value(gtid).await?;
    if !gtid.is_empty() {
        return Err(InstanceError::NotTaken(format!("its GTID history is {gtid}")));
    }
    let users = client.rows("SELECT user FROM mysql.user WHERE host = '%'").await?;
    for account in &accounts.all {
        if !users.iter().any(|row| row.first() == Some(&account.login.user)) {
            return Err(InstanceError::NotTaken(format!("it has no account {}", account.login.user)));
        }
    }
    Ok(())
}
