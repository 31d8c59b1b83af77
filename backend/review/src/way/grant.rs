//! What a server grants an `ALTER TABLE`: the best algorithm that it takes for each part, and for all of them together.

use crate::flavour::{Family, Flavour};
use dbdesk_commands::lang::Said;

/// How a server carries out a change of structure, the gentlest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// `ALGORITHM=INSTANT`.
    Instant,
    /// In place, and no row is read: only the definition changes.
    Metadata,
    /// In place; every row is read, as for a new index, while writes go on.
    Scan,
    /// The same, and writes wait.
    ScanBlocked,
    /// In place; the table is built anew while writes go on.
    Rebuild,
    /// The same, and writes wait.
    RebuildBlocked,
    /// Row by row into a new table; writes wait.
    Copy,
}

/// What one part of an `ALTER TABLE` gets.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Alone.
    pub alone: Grant,
    /// Beside parts that are all instant.
    pub with_instant: Grant,
    /// Beside parts that are not.
    pub with_others: Grant,
    /// What it does, as the beginning of a sentence.
    pub cause: Said,
}

impl Claim {
    /// The same in whatever company.
    pub fn always(grant: Grant, cause: Said) -> Self {
        Self { alone: grant, with_instant: grant, with_others: grant, cause }
    }

    /// Instant among its like, and `otherwise` in other company.
    pub fn instant_or(otherwise: Grant, cause: Said) -> Self {
        Self { alone: Grant::Instant, with_instant: Grant::Instant, with_others: otherwise, cause }
    }
}

/// What all parts get together, and the cause of the worst.
pub fn together(claims: Vec<Claim>) -> Option<(Grant, Said)> {
    let (alone, instant) = (claims.len() == 1, claims.iter().all(|claim| claim.alone == Grant::Instant));
    let granted = |claim: &Claim| match (alone, instant) {
        (true, _) => claim.alone,
        (_, true) => claim.with_instant,
        _ => claim.with_others.max(claim.alone),
    };
    let worst = claims.iter().map(granted).max()?;
    claims.into_iter().find(|claim| granted(claim) == worst).map(|claim| (worst, claim.cause))
}

/// The server, as far as its algorithms go.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// Its flavour.
    pub flavour: Flavour,
    /// The third number of its version. Where it is not known the oldest with any instant change is taken.
    pub patch: Option<u16>,
}

impl Server {
    fn is_at_least(self, family: Family, major: u16, minor: u16, patch: u16) -> bool {
        let exact = (self.flavour.major, self.flavour.minor, self.patch.unwrap_or(12));
        self.flavour.family == family && exact >= (major, minor, patch)
    }

    /// Whether anything but an index is changed in place.
    pub fn is_online(self) -> bool {
        self.flavour.is_mariadb() || self.is_at_least(Family::MySql, 5, 6, 0)
    }

    /// Whether a column is added at the end, or a default changed, in an instant.
    pub fn adds_last_instantly(self) -> bool {
        self.is_at_least(Family::MySql, 8, 0, 12) || self.is_at_least(Family::MariaDb, 10, 3, 0)
    }

    /// Whether columns come anywhere and go in an instant.
    pub fn moves_instantly(self) -> bool {
        self.is_at_least(Family::MySql, 8, 0, 29) || self.is_at_least(Family::MariaDb, 10, 4, 0)
    }

    /// MariaDB's widest instant changes: reordering, longer texts, collations.
    pub fn is_new_mariadb(self) -> bool {
        self.is_at_least(Family::MariaDb, 10, 5, 0)
    }

    /// Whether a longer `VARCHAR` is more than a copy.
    pub fn lengthens_in_place(self) -> bool {
        self.is_at_least(Family::MySql, 5, 7, 0) || self.is_at_least(Family::MariaDb, 10, 3, 0)
    }

    /// For a change of the definition alone.
    pub fn metadata(self) -> Grant {
        match self.flavour.family {
            _ if !self.is_online() => Grant::Copy,
            Family::MariaDb if self.is_new_mariadb() => Grant::Instant,
            _ => Grant::Metadata,
        }
    }

    /// For a table built anew.
    pub fn rebuild(self) -> Grant {
        if self.is_online() { Grant::Rebuild } else { Grant::Copy }
    }
}
