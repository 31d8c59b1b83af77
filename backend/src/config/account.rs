//! Accounts that the desk gives.

use dbdesk_account::{HostPattern, HostPolicy, Plugin, drift::Ignored, statement::Limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What accounts may be asked for, and how they end.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Days that one lives at most before it is renewed.
    pub most_days: u32,
    /// Days before its end at which its owner is told.
    pub warn_days: Vec<u16>,
    /// Days after its end at which it is removed.
    pub drop_after_days: u32,
    /// Hours for which the password before a rotation goes on.
    pub grace_hours: u32,
    /// Hours for which a password is handed over.
    pub hand_over_hours: u32,
    /// Hours between two looks at the accounts of a service group.
    pub look_hours: u32,
    /// Whether `%` may be asked for.
    pub any_host: bool,
    /// The widest network that may be asked for, by its prefix.
    pub widest_prefix: u8,
    /// Only over TLS.
    pub tls: bool,
    /// Connections of an account at a time; 0: as the server says for all.
    pub connections: u32,
    /// How accounts on MariaDB log in: `native` or `ed25519`.
    pub mariadb_plugin: Plugin,
    /// Accounts that are not the desk's: `user@host`, where `*` stands for any text.
    pub ignored: Vec<String>,
    /// Applications, and from where they connect.
    pub application: BTreeMap<String, Application>,
}

/// From where an application connects.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Addresses and networks.
    pub hosts: Vec<String>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            most_days: 365,
            warn_days: vec![7, 1],
            drop_after_days: 14,
            grace_hours: 24,
            hand_over_hours: 24,
            look_hours: 24,
            any_host: false,
            widest_prefix: 16,
            tls: false,
            connections: 0,
            mariadb_plugin: Plugin::Native,
            ignored: Vec::new(),
            application: BTreeMap::new(),
        }
    }
}

impl Accounts {
    /// How wide a host may be.
    #[must_use]
    pub fn hosts(&self) -> HostPolicy {
        HostPolicy { any_host: self.any_host, widest_prefix: self.widest_prefix }
    }

    /// How an account may connect.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits { tls: self.tls, connections: self.connections }
    }

    /// What is not the desk's.
    #[must_use]
    pub fn ignored(&self) -> Ignored {
        Ignored::with(&self.ignored)
    }

    /// Everything that is wrong with it.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for (key, value, (least, most)) in [
            ("most_days", self.most_days, (1, 3_650)),
            ("drop_after_days", self.drop_after_days, (1, 365)),
            ("grace_hours", self.grace_hours, (1, 720)),
            ("hand_over_hours", self.hand_over_hours, (1, 168)),
            ("look_hours", self.look_hours, (1, 168)),
        ] {
            if !(least..=most).contains(&value) {
                faults.push(format!("`account.{key}` is {value}; it must be from {least} to {most}"));
            }
        }
        if self.mariadb_plugin == Plugin::CachingSha2 {
            faults.push("`account.mariadb_plugin` is \"native\" or \"ed25519\"".to_owned());
        }
        for (name, application) in &self.application {
            let usable = |text: &String| HostPattern::parse(text, self.hosts());
            for (text, fault) in application.hosts.iter().filter_map(|text| Some((text, usable(text).err()?)))
            {
                faults.push(format!("`account.application.{name}`: “{text}”: {}", fault.en));
            }
            if application.hosts.is_empty() {
                faults.push(format!(
                    "`account.application.{name}` has no hosts, so that it could connect from nowhere"
                ));
            }
        }
        faults
    }
}
