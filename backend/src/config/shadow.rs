//! Review servers: private servers where the DDL of a ticket is tried on empty copies of its tables.

use super::Secret;
use dbdesk_review::Flavour;
use serde::{Deserialize, Serialize};
use sqlx::mysql::MySqlConnectOptions;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// Review servers, and how much one trial may do.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shadow {
    /// Trials of one process at a time.
    pub at_once: usize,
    /// How long one trial may take.
    pub time_limit_ms: u64,
    /// Tables that one trial copies.
    pub tables: usize,
    /// Statements that one trial tries.
    pub statements: usize,
    /// The servers, by any name.
    pub server: BTreeMap<String, ReviewServer>,
}

impl Default for Shadow {
    fn default() -> Self {
        Self { at_once: 4, time_limit_ms: 5_000, tables: 50, statements: 200, server: BTreeMap::new() }
    }
}

/// A private server of one flavour, whose account may use `dbdesk_shadow_%` and nothing else.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewServer {
    /// Its flavour, as in the inventory.
    pub flavour: String,
    /// Host name or address.
    #[serde(default = "local")]
    pub host: String,
    /// Port.
    pub port: u16,
    /// Account.
    pub user: String,
    /// File with its password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Its password, from the environment.
    #[serde(default, skip_serializing)]
    pub password: Secret,
}

fn local() -> String {
    "127.0.0.1".to_owned()
}

impl ReviewServer {
    /// How to connect there.
    #[must_use]
    pub fn options(&self) -> MySqlConnectOptions {
        MySqlConnectOptions::new()
            .host(&self.host)
            .port(self.port)
            .username(&self.user)
            .password(self.password.expose())
    }
}

impl Shadow {
    /// The review server for a flavour: of the same family, the nearest that is not older.
    #[must_use]
    pub fn server_for(&self, flavour: Flavour) -> Option<(&str, &ReviewServer)> {
        self.server
            .iter()
            .filter_map(|(name, server)| Some((Flavour::of_name(&server.flavour)?, name.as_str(), server)))
            .filter(|(known, ..)| {
                known.family == flavour.family && known.at_least(flavour.major, flavour.minor)
            })
            .min_by_key(|(known, ..)| (known.major, known.minor))
            .map(|(_, name, server)| (name, server))
    }

    /// How long one trial may take.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        Duration::from_millis(self.time_limit_ms)
    }

    /// A shadow of this age belongs to nobody any more.
    #[must_use]
    pub fn lost_after(&self) -> Duration {
        self.time_limit() * 2 + Duration::from_mins(1)
    }

    /// What can not be taken, with its key.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.server
            .iter()
            .filter(|(_, server)| Flavour::of_name(&server.flavour).is_none())
            .map(|(name, server)| {
                let (key, known) = (&server.flavour, Flavour::NAMES);
                format!("`shadow.server.{name}.flavour`: `{key}` is no flavour; known are {known}.")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flavour_is_tried_on_the_nearest_server_of_its_family_that_is_not_older() {
        let shadow: Shadow = toml::from_str(
            "[server.a]\nflavour = \"mysql-9.7\"\nport = 1\nuser = \"x\"\n[server.b]\nflavour = \"mysql-8.4\"\nport = 2\nuser = \"x\"\n\
             [server.c]\nflavour = \"mariadb-10.11\"\nport = 3\nuser = \"x\"\n",
        )
        .expect("review servers");
        let of = |name: &str| {
            shadow
                .server_for(Flavour::of_name(name).expect("a flavour"))
                .map(|(name, server)| (name, server.port))
        };
        assert_eq!(of("mysql57"), Some(("b", 2)));
        assert_eq!(of("mysql-8.4"), Some(("b", 2)));
        assert_eq!(of("mysql-9.0"), Some(("a", 1)));
        assert_eq!(of("mariadb-10.6"), Some(("c", 3)));
        assert_eq!(of("mariadb-11.8"), None, "it is newer than any");
        assert_eq!(shadow.faults(), Vec::<String>::new());
    }
}
