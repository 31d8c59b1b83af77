//! What of a server decides how a statement is written.

use dbdesk_review::Flavour;
use serde::{Deserialize, Serialize};

/// A server's flavour and the one setting that changes what a grant means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// MySQL or MariaDB, and the version.
    pub flavour: Flavour,
    /// MySQL's `partial_revokes`: a database's name in a grant is then a name and no pattern.
    pub partial_revokes: bool,
}

impl Dialect {
    /// A server with the settings it comes with.
    #[must_use]
    pub const fn of(flavour: Flavour) -> Self {
        Self { flavour, partial_revokes: false }
    }

    /// Whether it is a MariaDB.
    #[must_use]
    pub fn is_mariadb(self) -> bool {
        self.flavour.is_mariadb()
    }

    /// Whether one account can have two passwords for a while. Without, two accounts take turns.
    #[must_use]
    pub fn has_dual_passwords(self) -> bool {
        !self.is_mariadb()
    }

    /// Whether account statements of this crate may run there: MySQL from 8.0 on, MariaDB from 10.5 on. Of a server itself
    /// [`is_served_at`](Self::is_served_at) is asked.
    #[must_use]
    pub fn is_served(self) -> bool {
        if self.is_mariadb() { self.flavour.at_least(10, 5) } else { self.flavour.at_least(8, 0) }
    }

    /// The same of a server whose version has this third number: MySQL from 8.0.17 on, which shows hashes in hex
    /// (`print_identified_with_as_hex`).
    #[must_use]
    pub fn is_served_at(self, patch: Option<u16>) -> bool {
        let is_late =
            self.is_mariadb() || self.flavour.at_least(8, 1) || patch.is_some_and(|patch| patch >= 17);
        self.is_served() && is_late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mysql_is_served_from_8_0_17_on() {
        let mysql = |major, minor, patch| Dialect::of(Flavour::mysql(major, minor)).is_served_at(patch);
        assert!(!mysql(5, 7, Some(44)) && !mysql(8, 0, Some(16)) && !mysql(8, 0, None));
        assert!(mysql(8, 0, Some(17)) && mysql(8, 4, Some(0)) && mysql(9, 7, None));
        let mariadb = |minor| Dialect::of(Flavour::mariadb(10, minor)).is_served_at(Some(1));
        assert!(mariadb(5) && !mariadb(4));
    }
}
