//! Accounts on the databases that the desk serves.

use super::Secret;
use dbdesk_account::own::{self, Need};
use serde::{Deserialize, Serialize};
use sqlx::mysql::MySqlConnectOptions;
use std::{collections::BTreeMap, path::PathBuf};

/// Accounts on the target databases.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// The read-only account that reviews ask with.
    pub review_user: String,
    /// File with its password.
    pub review_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub review_password: Secret,
    /// The account that tickets run with.
    pub run_user: String,
    /// File with its password.
    pub run_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub run_password: Secret,
    /// The account that makes accounts.
    pub account_user: String,
    /// File with its password. Without one no accounts are made.
    pub account_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub account_password: Secret,
    /// The account that steers servers: whether they take writes, whom they follow.
    pub cluster_user: String,
    /// File with its password. Without one no server is steered.
    pub cluster_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub cluster_password: Secret,
    /// The account that replicas log in with at their source.
    pub replication_user: String,
    /// File with its password. Without one a replica goes on with the account that it has.
    pub replication_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub replication_password: Secret,
    /// How long to wait for a connection.
    pub connect_timeout_ms: u64,
    /// Other accounts for single service groups.
    pub group: BTreeMap<String, GroupAccounts>,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            review_user: "dbdesk_review".to_owned(),
            review_password_file: None,
            review_password: Secret::default(),
            run_user: "dbdesk_run".to_owned(),
            run_password_file: None,
            run_password: Secret::default(),
            cluster_user: "dbdesk_cluster".to_owned(),
            cluster_password_file: None,
            cluster_password: Secret::default(),
            replication_user: "dbdesk_replication".to_owned(),
            replication_password_file: None,
            replication_password: Secret::default(),
            account_user: "dbdesk_account".to_owned(),
            account_password_file: None,
            account_password: Secret::default(),
            connect_timeout_ms: 3_000,
            group: BTreeMap::new(),
        }
    }
}

/// Accounts of one service group; what is left out is as for all.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupAccounts {
    /// The read-only account that reviews ask with.
    pub review_user: Option<String>,
    /// File with its password.
    pub review_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub review_password: Secret,
    /// The account that tickets run with.
    pub run_user: Option<String>,
    /// File with its password.
    pub run_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub run_password: Secret,
    /// The account that makes accounts.
    pub account_user: Option<String>,
    /// File with its password.
    pub account_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub account_password: Secret,
    /// The account that steers servers.
    pub cluster_user: Option<String>,
    /// File with its password.
    pub cluster_password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub cluster_password: Secret,
}

/// A user with his password. Its `Debug` does not show it.
#[derive(Debug, Clone)]
pub struct Account {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
}

impl Account {
    /// How it connects to a server.
    #[must_use]
    pub fn options(&self, host: &str, port: u16) -> MySqlConnectOptions {
        MySqlConnectOptions::new().host(host).port(port).username(&self.user).password(self.password.expose())
    }
}

impl Target {
    /// The account that reviews of this group ask with.
    #[must_use]
    pub fn review_account(&self, group: &str) -> Account {
        let own = self.group.get(group);
        account(
            own.and_then(|own| own.review_user.as_ref()),
            own.map(|own| &own.review_password),
            (&self.review_user, &self.review_password),
        )
    }

    /// The account that tickets of this group run with.
    #[must_use]
    pub fn run_account(&self, group: &str) -> Account {
        let own = self.group.get(group);
        account(
            own.and_then(|own| own.run_user.as_ref()),
            own.map(|own| &own.run_password),
            (&self.run_user, &self.run_password),
        )
    }
}

impl Target {
    /// What dbdesk's own accounts are called, on whichever group.
    pub fn users(&self) -> impl Iterator<Item = String> {
        let all = [
            &self.review_user,
            &self.run_user,
            &self.account_user,
            &self.cluster_user,
            &self.replication_user,
        ];
        let own = self
            .group
            .values()
            .flat_map(|own| [&own.review_user, &own.run_user, &own.account_user, &own.cluster_user]);
        all.into_iter().chain(own.flatten()).cloned()
    }

    /// The account that steers the servers of this group, where there is one.
    #[must_use]
    pub fn cluster_account(&self, group: &str) -> Option<Account> {
        let own = self.group.get(group);
        let account = account(
            own.and_then(|own| own.cluster_user.as_ref()),
            own.map(|own| &own.cluster_password),
            (&self.cluster_user, &self.cluster_password),
        );
        Some(account).filter(|account| !account.password.is_empty())
    }

    /// The account that replicas log in with at their source, where the desk knows it.
    #[must_use]
    pub fn replication_account(&self) -> Option<Account> {
        let (user, password) = (self.replication_user.clone(), self.replication_password.clone());
        Some(Account { user, password }).filter(|account| !account.password.is_empty())
    }

    /// The accounts that review and run tickets of this group, with what each needs on a database.
    #[must_use]
    pub fn needs(&self, group: &str, keeps: bool) -> Vec<Need> {
        let (review, run) = (self.review_account(group).user, self.run_account(group).user);
        if review == run {
            return vec![Need { user: run, privileges: &own::of_run(keeps) | &own::of_review() }];
        }
        vec![
            Need { user: review, privileges: own::of_review() },
            Need { user: run, privileges: own::of_run(keeps) },
        ]
    }

    /// What the account that makes accounts on this group is called.
    #[must_use]
    pub fn account_user(&self, group: &str) -> &str {
        let own = self.group.get(group).and_then(|own| own.account_user.as_deref());
        own.unwrap_or(&self.account_user)
    }

    /// The account that makes accounts on this group, where there is one.
    #[must_use]
    pub fn account_account(&self, group: &str) -> Option<Account> {
        let own = self.group.get(group);
        let account = account(
            own.and_then(|own| own.account_user.as_ref()),
            own.map(|own| &own.account_password),
            (&self.account_user, &self.account_password),
        );
        Some(account).filter(|account| !account.password.is_empty())
    }
}

fn account(user: Option<&String>, password: Option<&Secret>, all: (&String, &Secret)) -> Account {
    Account {
        user: user.unwrap_or(all.0).clone(),
        password: password.filter(|password| !password.is_empty()).unwrap_or(all.1).clone(),
    }
}
