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

    /// Whether account statements of this crate run there: MySQL from 8.0 on, MariaDB from 10.5 on.
    #[must_use]
    pub fn is_served(self) -> bool {
        if self.is_mariadb() { self.flavour.at_least(10, 5) } else { self.flavour.at_least(8, 0) }
    }
}
