//! The configuration: one TOML file, and `DBDESK__SECTION__KEY` of the environment over it. Secrets stand in files of their own
//! or in the environment, never in the TOML file. Every key is described in `dbdesk.example.toml`.

mod account;
mod backup;
mod client;
mod cluster;
mod control;
mod ddl;
mod inventory;
mod load;
mod review;
mod s3;
mod scripts;
mod secret;
mod shadow;
mod target;

pub use account::{Accounts, Application};
pub use backup::{Backup, KeepIn};
pub use client::Client;
pub use cluster::{Cluster, Zone};
pub use control::{Control, Isolation};
pub use ddl::Ddl;
pub use inventory::Inventory;
pub use load::{Loaded, client_only, load, review_only};
pub use review::Review;
pub use s3::S3;
pub use scripts::Scripts;
pub use secret::Secret;
pub use shadow::{ReviewServer, Shadow};
pub use target::{Account, GroupAccounts, Target};

use dbdesk_commands::{id::is_discord_id, wire::person::Role};
use dbdesk_review::PolicyLimits;
use dbdesk_store::{Connect, person::DESK};
use dbdesk_ticket::{people::Groups, rule::Rule};
use redis::IntoConnectionInfo as _;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    path::PathBuf,
};

/// All of it. Serialised, it shows its keys and no secret.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Our own database.
    pub store: Store,
    /// Redis.
    pub redis: Redis,
    /// The HTTP API.
    pub api: Api,
    /// The API as the command line sees it.
    pub client: Client,
    /// Where the bot's configuration is, for `doctor`.
    pub bot: Bot,
    /// The people of the desk.
    pub person: Vec<Person>,
    /// Accounts on the target databases.
    pub target: Target,
    /// The review.
    pub review: Review,
    /// Where tickets are tried before they are approved.
    pub shadow: Shadow,
    /// How what statements touch is kept.
    pub backup: Backup,
    /// How changes of structure are made.
    pub ddl: Ddl,
    /// What passes without a person.
    pub policy: Policy,
    /// Accounts that the desk gives.
    pub account: Accounts,
    /// How the servers are held against the inventory.
    pub inventory: Inventory,
    /// How clusters are worked on.
    pub cluster: Cluster,
    /// The DBAs' own scripts.
    pub scripts: Scripts,
    /// The role control.
    pub control: Control,
    /// The log.
    pub log: Log,
}

/// Our own database.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Account.
    pub user: String,
    /// File with its password.
    pub password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub password: Secret,
    /// Database.
    pub database: String,
    /// Most connections at a time.
    pub max_connections: u32,
    /// How long to wait for a connection.
    pub acquire_timeout_ms: u64,
    /// How long one statement may take.
    pub statement_timeout_ms: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 3306,
            user: "dbdesk".to_owned(),
            password_file: None,
            password: Secret::default(),
            database: "dbdesk".to_owned(),
            max_connections: 16,
            acquire_timeout_ms: 3_000,
            statement_timeout_ms: 10_000,
        }
    }
}

impl Store {
    /// How to connect there.
    #[must_use]
    pub fn connect(&self) -> Connect {
        Connect {
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            password: self.password.expose().to_owned(),
            database: self.database.clone(),
            max_connections: self.max_connections,
            acquire_timeout_ms: self.acquire_timeout_ms,
            statement_timeout_ms: self.statement_timeout_ms,
            asks_idle: true,
        }
    }

    /// The same for those that try again by themselves: what is slow is waited for rather than given up.
    #[must_use]
    pub fn patient(&self) -> Connect {
        let acquire_timeout_ms = self.acquire_timeout_ms.max(SLOW_CONNECT_MS);
        Connect { acquire_timeout_ms, asks_idle: false, ..self.connect() }
    }
}

/// Some six round trips of two seconds.
const SLOW_CONNECT_MS: u64 = 12_000;

/// Redis.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Redis {
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Number of the database.
    pub database: u8,
    /// Account; empty for the default one.
    pub user: String,
    /// File with its password.
    pub password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(skip_serializing)]
    pub password: Secret,
}

impl Default for Redis {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 6379,
            database: 0,
            user: String::new(),
            password_file: None,
            password: Secret::default(),
        }
    }
}

impl Redis {
    /// How to connect there.
    pub fn connection(&self) -> redis::RedisResult<redis::ConnectionInfo> {
        let mut server = redis::RedisConnectionInfo::default().set_db(i64::from(self.database));
        if !self.user.is_empty() {
            server = server.set_username(&self.user);
        }
        if !self.password.is_empty() {
            server = server.set_password(self.password.expose());
        }
        let info = (self.host.clone(), self.port).into_connection_info()?;
        Ok(info.set_redis_settings(server))
    }

    /// A client; it connects when it is first asked.
    pub fn client(&self) -> redis::RedisResult<redis::Client> {
        redis::Client::open(self.connection()?)
    }
}

/// The HTTP API.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Api {
    /// Where it listens.
    pub listen: String,
    /// How long one request may take.
    pub request_timeout_ms: u64,
    /// Requests at a time; more are refused.
    pub requests_at_once: usize,
    /// Reviews at a time; more wait.
    pub reviews_at_once: usize,
    /// How long requests in flight may take at the end.
    pub shutdown_ms: u64,
    /// Requests of one token in a minute, in each process.
    pub requests_per_minute: u32,
    /// Requests of one token at once.
    pub burst: u32,
    /// The same for the bot's token.
    pub bot_requests_per_minute: u32,
    /// The same for the bot's token.
    pub bot_burst: u32,
    /// Days that a person's token lasts where nothing else is said.
    pub token_days: u32,
    /// The most days that a person's token lasts.
    pub token_days_most: u32,
    /// Proxies that say for whom they ask.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Api {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            request_timeout_ms: 40_000,
            requests_at_once: 512,
            reviews_at_once: 8,
            shutdown_ms: 10_000,
            requests_per_minute: 600,
            burst: 100,
            bot_requests_per_minute: 60_000,
            bot_burst: 2_000,
            token_days: 90,
            token_days_most: 366,
            trusted_proxies: Vec::new(),
        }
    }
}

/// Where the bot's configuration is.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bot {
    /// The bot's own TOML file.
    pub config: Option<PathBuf>,
}

/// A person of the desk; put into the store by `migrate` and at each start of `serve`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Short name.
    pub name: String,
    /// Discord user id.
    #[serde(default)]
    pub discord_id: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Team.
    #[serde(default)]
    pub team: Option<String>,
}

/// What passes without a person.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Hours after which an approval that was not used is void.
    pub approval_hours: u32,
    /// The name that confirms a destructive ticket counts if it was typed within so many seconds of the button.
    pub confirm_s: u32,
    /// Limits of every environment that has none of its own.
    pub limits: PolicyLimits,
    /// Whether a person is needed always, in every environment that does not say.
    pub always_person: bool,
    /// Other rules for single environments.
    pub environment: BTreeMap<String, EnvironmentPolicy>,
    /// Groups of people who may approve.
    pub approvers: Groups,
    /// Who must approve what: the first one that fits holds.
    pub rule: Vec<Rule>,
    /// Those who can approve a ticket that waits are reminded after so many minutes, then after twice as many, and so on.
    pub remind_minutes: u32,
    /// At most so often.
    pub reminders: u8,
    /// An emergency lasts so long.
    pub emergency_minutes: u32,
    /// A person may stand in for another for so many days at most.
    pub delegation_days: u32,
}

/// Two who would be one Discord user, or one name.
pub(super) fn person_faults(people: &[Person]) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut ids, mut names) = (BTreeMap::new(), BTreeSet::new());
    for person in people {
        if !names.insert(person.name.as_str()) {
            faults.push(format!("two [[person]] have the name {:?}", person.name));
        }
        if person.name == DESK {
            faults.push(format!("[[person]] {DESK:?}: so the desk calls itself; choose another name"));
        }
        let Some(id) = person.discord_id.as_deref() else { continue };
        if !is_discord_id(id) {
            faults.push(format!(
                "[[person]] {:?}: discord_id {id:?} is none; it has up to 20 digits",
                person.name
            ));
        }
        if let Some(other) = ids.insert(id, person.name.as_str()) {
            faults.push(format!(
                "[[person]] {other:?} and {:?} have the same discord_id {id}; a Discord user is one person",
                person.name
            ));
        }
    }
    faults
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            approval_hours: 24,
            confirm_s: 60,
            limits: PolicyLimits::default(),
            always_person: false,
            environment: BTreeMap::new(),
            approvers: Groups::default(),
            rule: Vec::new(),
            remind_minutes: 60,
            reminders: 5,
            emergency_minutes: 30,
            delegation_days: 60,
        }
    }
}

/// Rules of one environment; what is left out is as for all.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvironmentPolicy {
    /// A person is needed always.
    pub always_person: Option<bool>,
    /// Limits.
    pub limits: Option<PolicyLimits>,
}

impl Policy {
    /// Everything that is wrong with it.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = dbdesk_ticket::rule::faults(&self.approvers, &self.rule);
        for (key, value, (least, most)) in [
            ("remind_minutes", self.remind_minutes, (1, 10_080)),
            ("emergency_minutes", self.emergency_minutes, (1, 240)),
            ("delegation_days", self.delegation_days, (1, 366)),
            ("approval_hours", self.approval_hours, (1, 720)),
            ("confirm_s", self.confirm_s, (10, 600)),
        ] {
            if !(least..=most).contains(&value) {
                faults.push(format!("`policy.{key}` is {value}; it must be from {least} to {most}"));
            }
        }
        faults
    }

    /// The limits within which tickets of this environment pass; nothing where a person is needed always.
    #[must_use]
    pub fn limits_of(&self, environment: &str) -> Option<&PolicyLimits> {
        let own = self.environment.get(environment);
        let person = own.and_then(|own| own.always_person).unwrap_or(self.always_person);
        (!person).then(|| own.and_then(|own| own.limits.as_ref()).unwrap_or(&self.limits))
    }
}

/// How the log is written (to standard error).
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` or `json`.
    pub format: LogFormat,
    /// Which lines: as `RUST_LOG`.
    pub filter: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".to_owned() }
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_has_rules_of_its_own_or_those_of_all() {
        let policy: Policy = toml::from_str(
            "limits = { affected_rows = 7 }\n[environment.staging.limits]\naffected_rows = 9\n[environment.production]\n\
             always_person = true\n",
        )
        .expect("a policy");
        assert_eq!(policy.limits_of("staging").map(|limits| limits.affected_rows), Some(9));
        assert_eq!(policy.limits_of("test").map(|limits| limits.affected_rows), Some(7));
        assert_eq!(policy.limits_of("production"), None, "a person is needed");
    }
}
