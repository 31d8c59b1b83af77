//! Which server the SQL is for.

use serde::{Deserialize, Serialize};
use std::fmt;

/// MySQL or MariaDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Oracle's and Percona's.
    MySql,
    /// MariaDB.
    MariaDb,
}

/// A family with the version that decides about syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Flavour {
    /// MySQL or MariaDB.
    pub family: Family,
    /// The first number of its version.
    pub major: u16,
    /// The second.
    pub minor: u16,
}

impl Default for Flavour {
    fn default() -> Self {
        Self::mysql(8, 0)
    }
}

impl Flavour {
    /// A MySQL.
    #[must_use]
    pub const fn mysql(major: u16, minor: u16) -> Self {
        Self { family: Family::MySql, major, minor }
    }

    /// A MariaDB.
    #[must_use]
    pub const fn mariadb(major: u16, minor: u16) -> Self {
        Self { family: Family::MariaDb, major, minor }
    }

    /// The names that `--flavour` and the inventory take, for messages.
    pub const NAMES: &'static str =
        "mysql57, mysql8, mysql84, mysql9, mariadb, mariadb10.6, mariadb-10.11, mariadb11.8";

    /// From a name as people write it: `mysql8`, `mysql57`, `mysql-8.4`, `mariadb`, `mariadb10.11`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let (family, rest) = if let Some(rest) = name.strip_prefix("mariadb") {
            (Family::MariaDb, rest)
        } else {
            (Family::MySql, name.strip_prefix("mysql").or_else(|| name.strip_prefix("percona"))?)
        };
        let rest = rest.trim_start_matches(['-', ' ', '_']);
        let (major, minor) = match rest.split_once('.') {
            None if rest.is_empty() && family == Family::MySql => (8, 0),
            None if rest.is_empty() => (10, 11),
            None => numbers_run_together(family, rest)?,
            Some((major, minor)) => (major.parse().ok()?, minor.split('.').next()?.parse().ok()?),
        };
        let flavour = Self { family, major, minor };
        flavour.is_plausible().then_some(flavour)
    }

    /// From `SELECT VERSION()`: `8.4.3-debug`, `10.11.19-MariaDB-0+deb12u1`, `5.5.5-10.11.6-MariaDB`.
    #[must_use]
    pub fn of_version(version: &str) -> Option<Self> {
        let maria = version.to_ascii_lowercase().contains("mariadb");
        let version = if maria { version.strip_prefix("5.5.5-").unwrap_or(version) } else { version };
        let mut numbers = version.split(|letter: char| !letter.is_ascii_digit());
        let (major, minor) = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
        let family = if maria { Family::MariaDb } else { Family::MySql };
        Some(Self { family, major, minor })
    }

    /// The third number of a version as `SELECT VERSION()` tells it.
    #[must_use]
    pub fn patch_of_version(version: &str) -> Option<u16> {
        let version = version.strip_prefix("5.5.5-").unwrap_or(version);
        version.split(|letter: char| !letter.is_ascii_digit()).nth(2)?.parse().ok()
    }

    /// Whether it is a MariaDB.
    #[must_use]
    pub fn is_mariadb(self) -> bool {
        self.family == Family::MariaDb
    }

    /// Whether it is at least this version of its own family.
    #[must_use]
    pub fn at_least(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    fn is_plausible(self) -> bool {
        match self.family {
            Family::MySql => matches!(self.major, 5 | 8 | 9) && (self.major != 5 || self.minor >= 5),
            Family::MariaDb => matches!(self.major, 5 | 10..=13),
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MySql => "MySQL",
            Self::MariaDb => "MariaDB",
        })
    }
}

/// `57` is 5.7, `84` is 8.4, `8` is 8.0, `1011` is 10.11.
fn numbers_run_together(family: Family, digits: &str) -> Option<(u16, u16)> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let split = if family == Family::MariaDb && digits.len() > 1 { 2 } else { 1 };
    let (major, minor) = digits.split_at_checked(split)?;
    Some((major.parse().ok()?, if minor.is_empty() { 0 } else { minor.parse().ok()? }))
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}.{}", self.family, self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_flavours_in_many_ways() {
        for (name, flavour) in [
            ("mysql", Flavour::mysql(8, 0)),
            ("mysql8", Flavour::mysql(8, 0)),
            ("mysql57", Flavour::mysql(5, 7)),
            ("MySQL-8.4.3", Flavour::mysql(8, 4)),
            ("mysql84", Flavour::mysql(8, 4)),
            ("mysql9", Flavour::mysql(9, 0)),
            ("mariadb", Flavour::mariadb(10, 11)),
            ("mariadb10.6", Flavour::mariadb(10, 6)),
            ("mariadb-10.11", Flavour::mariadb(10, 11)),
            ("mariadb11", Flavour::mariadb(11, 0)),
        ] {
            assert_eq!(Flavour::of_name(name), Some(flavour), "{name}");
        }
        for name in ["", "postgres", "mysql7", "mysqlx", "mariadb99", "mysql-八"] {
            assert_eq!(Flavour::of_name(name), None, "{name}");
        }
    }

    #[test]
    fn servers_tell_their_flavour_by_their_version() {
        assert_eq!(Flavour::of_version("9.7.4"), Some(Flavour::mysql(9, 7)));
        assert_eq!(Flavour::of_version("10.11.19-MariaDB-0+deb12u1"), Some(Flavour::mariadb(10, 11)));
        assert_eq!(Flavour::of_version("5.5.5-10.6.2-MariaDB-log"), Some(Flavour::mariadb(10, 6)));
        assert_eq!(Flavour::of_version("what"), None);
    }
}
