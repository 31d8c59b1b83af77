//! How the work on clusters reaches what is not a server of `MySQL`, as the configuration says.

use super::machine;
use crate::config::{self, Config, Zone};
use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use dbdesk_account::{DatabaseName, desk::Named};
use dbdesk_components::{
    dns::{Names, PowerDns, Rfc2136},
    instance::{self, Accounts, Login, Role},
};
use dbdesk_executor::run::{Account, Looks, Machines, SshKeys};
use std::{collections::BTreeMap, fs::DirBuilder, os::unix::fs::DirBuilderExt as _, sync::Arc};

/// Connections to hosts are shared by sockets in this folder of the state's.
const SOCKETS: &str = "ssh";

/// What is needed for it.
///
/// # Errors
/// What of the configuration can not be.
pub fn machines(config: &Config) -> Result<Machines> {
    let cluster = &config.cluster;
    let mut zones: BTreeMap<String, Arc<dyn Names>> = BTreeMap::new();
    for (name, zone) in &cluster.zone {
        let names = names(name, zone).with_context(|| format!("`cluster.zone.\"{name}\"`"))?;
        zones.insert(name.clone(), names);
    }
    let ssh = cluster.ssh_key_file.clone().zip(cluster.ssh_known_hosts_file.clone());
    let proxysql = (!cluster.proxysql_user.is_empty()).then(|| Account {
        user: cluster.proxysql_user.clone(),
        password: cluster.proxysql_password.expose().to_owned(),
    });
    let targets = config.target.clone();
    let folder = config.control.state_dir.join(SOCKETS);
    if ssh.is_some() {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.with_context(|| format!("{} can not be made", folder.display()))?;
    }
    Ok(Machines {
        ssh: ssh.map(|(key_file, known_hosts_file)| SshKeys { key_file, known_hosts_file, folder }),
        zones,
        proxysql,
        proxysql_ca_file: cluster.proxysql_ca_file.clone(),
        file_sd_dir: cluster.file_sd_dir.clone(),
        own_users: config.target.users().collect(),
        looks: (!config.target.review_password.is_empty()).then(|| looks(&config.target)),
        replication: config.target.replication_account().map(login),
        own: Arc::new(move |group, databases| own(&targets, group, databases)),
    })
}

fn names(name: &str, zone: &Zone) -> Result<Arc<dyn Names>> {
    let own = name.parse().context("the name of the zone")?;
    if let Some(endpoint) = &zone.endpoint {
        let endpoint = endpoint.parse().context("`endpoint`")?;
        return Ok(Arc::new(PowerDns::new(&endpoint, own, zone.secret_key.expose())?));
    }
    let server = zone.server.context("`server` is missing")?;
    let key_name = zone.key_name.as_deref().unwrap_or_default().parse().context("`key_name`")?;
    let key = STANDARD.decode(zone.secret_key.expose()).context("the key is not in base64")?;
    Ok(Arc::new(Rfc2136::new(server, own, (&key_name, key), machine::clock())?))
}

/// The desk's accounts on a server that it makes. One whose password is not known is not made.
fn own(targets: &config::Target, group: &str, databases: &[String]) -> Accounts {
    let mut all =
        vec![(Role::Review, targets.review_account(group)), (Role::Run, targets.run_account(group))];
    all.extend(targets.account_account(group).map(|account| (Role::Account, account)));
    all.extend(targets.cluster_account(group).map(|account| (Role::Cluster, account)));
    all.extend(targets.replication_account().map(|account| (Role::Replication, account)));
    let known = all.into_iter().filter(|(_, account)| !account.password.is_empty());
    let named = databases.iter().filter_map(|database| DatabaseName::parse(database).ok());
    Accounts {
        all: known.map(|(role, account)| instance::Account { login: login(account), role }).collect(),
        // Databases that are asked for later have names that begin so.
        databases: named
            .flat_map(|database| {
                let begins = DatabaseName::parse(&format!("{database}_")).ok().map(Named::Begins);
                [Some(Named::One(database)), begins].into_iter().flatten()
            })
            .collect(),
    }
}

fn looks(targets: &config::Target) -> Looks {
    let targets = targets.clone();
    Arc::new(move |group| login(targets.review_account(group)))
}

fn login(account: config::Account) -> Login {
    Login { user: account.user, password: account.password.expose().to_owned() }
}
