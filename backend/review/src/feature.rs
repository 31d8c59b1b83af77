//! Which syntax came with which version: one table of features, for both families of servers.
//!
//! The reader notes where a statement uses one; two rules ask what the server at hand lacks.

mod instead;
mod table;

use crate::{
    flavour::{Family, Flavour},
    judge::See,
    span::Span,
};
use dbdesk_commands::lang::Said;
use std::fmt;

pub use table::Feature;

/// What to write where a server lacks a feature, in English and Chinese.
pub type Instead = (&'static str, &'static str);

/// Since when a family of servers knows a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// In every version that anybody still runs.
    Always,
    /// From this version on; what to write before it.
    From(u16, u16, u16, Instead),
    /// In no version up to the newest that was looked at; what to write.
    Never(Instead),
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it is called at the beginning of a sentence, in English and Chinese.
    pub what: (&'static str, &'static str),
    /// Since when MySQL knows it.
    pub mysql: Since,
    /// Since when MariaDB knows it.
    pub mariadb: Since,
    /// A statement that uses it and nothing else of this table, on the tables of the test that asks real servers.
    pub example: &'static str,
}

/// A place where a statement uses a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// Which.
    pub feature: Feature,
    /// Where.
    pub span: Span,
}

/// Three numbers of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16, pub u16);

/// That a server lacks a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// The version of its family that brought it; `None` where the other family alone knows it.
    pub since: Option<Version>,
    /// What to write.
    pub instead: Instead,
}

/// Newer servers than these were not looked at: what they have no version knows, they may have learnt.
const LOOKED_AT: (u16, u16) = (9, 11);

impl Feature {
    /// What a finding calls it, at the beginning of a sentence.
    #[must_use]
    pub fn what(self) -> Said {
        let (en, zh) = self.row().what;
        Said::fixed(en, zh)
    }

    /// Since when a family knows it.
    #[must_use]
    pub fn since(self, family: Family) -> Since {
        match family {
            Family::MySql => self.row().mysql,
            Family::MariaDb => self.row().mariadb,
        }
    }

    /// Whether a server lacks it for certain. `patch` is the third number, where the server itself has told its version:
    /// without it a version that ends in `.0` stands for a whole series, since `mysql9` and `mariadb11` are written so.
    #[must_use]
    pub fn lack(self, flavour: Flavour, patch: Option<u16>) -> Option<Lack> {
        match self.since(flavour.family) {
            Since::Always => None,
            Since::Never(instead) => is_looked_at(flavour).then_some(Lack { since: None, instead }),
            Since::From(major, minor, third, instead) => {
                let older = match patch {
                    Some(patch) => (flavour.major, flavour.minor, patch) < (major, minor, third),
                    None if flavour.minor == 0 => flavour.major < major,
                    None => (flavour.major, flavour.minor) < (major, minor),
                };
                older.then_some(Lack { since: Some(Version(major, minor, third)), instead })
            }
        }
    }
}

fn is_looked_at(flavour: Flavour) -> bool {
    let (mysql, mariadb) = LOOKED_AT;
    flavour.major <= if flavour.is_mariadb() { mariadb } else { mysql }
}

impl See<'_> {
    /// The third number of the version, where the server itself has told it.
    fn patch(&self) -> Option<u16> {
        self.facts.flavour.and(self.facts.patch)
    }

    /// Where the statement uses what this server lacks for certain.
    pub(crate) fn lacking(&self) -> impl Iterator<Item = (&Used, Lack)> {
        let (flavour, patch) = (self.settings.flavour, self.patch());
        self.statement.uses.iter().filter_map(move |used| Some((used, used.feature.lack(flavour, patch)?)))
    }

    /// `MySQL 8.0.12`, or `MySQL 8.0` where nothing more is known.
    pub(crate) fn server_said(&self) -> String {
        let flavour = self.settings.flavour;
        self.patch().map_or_else(|| flavour.to_string(), |patch| format!("{flavour}.{patch}"))
    }
}

impl Lack {
    /// What to write, for a finding.
    #[must_use]
    pub fn instead(&self) -> Said {
        Said::fixed(self.instead.0, self.instead.1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, third) = self;
        if *third == 0 { write!(f, "{major}.{minor}") } else { write!(f, "{major}.{minor}.{third}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(feature: Feature, flavour: Flavour, patch: Option<u16>) -> bool {
        feature.lack(flavour, patch).is_some()
    }

    #[test]
    fn only_what_is_certain_is_lacking() {
        let functional = Feature::FunctionalIndex;
        assert!(lacks(functional, Flavour::mysql(5, 7), None));
        assert!(
            !lacks(functional, Flavour::mysql(8, 0), None),
            "nobody knows whether it is 8.0.12 or 8.0.40"
        );
        assert!(lacks(functional, Flavour::mysql(8, 0), Some(12)));
        assert!(!lacks(functional, Flavour::mysql(8, 0), Some(13)));
        assert!(lacks(functional, Flavour::mariadb(11, 8), None));
        assert!(!lacks(functional, Flavour::mariadb(12, 3), None), "it was not looked at");
        assert!(lacks(Feature::VectorType, Flavour::mariadb(10, 11), None));
        assert!(
            !lacks(Feature::VectorType, Flavour::mariadb(11, 0), None),
            "`mariadb11` is any of its series"
        );
        assert!(lacks(Feature::VectorType, Flavour::mariadb(11, 0), Some(2)));
        assert!(lacks(Feature::VectorType, Flavour::mariadb(11, 4), None));
    }

    #[test]
    fn each_feature_is_lacking_somewhere_and_each_example_uses_it() {
        for feature in Feature::ALL {
            let row = feature.row();
            assert!(row.mysql != Since::Always || row.mariadb != Since::Always, "{feature:?} is everywhere");
            for family in [Family::MySql, Family::MariaDb] {
                if let Since::From(_, _, _, (en, zh)) | Since::Never((en, zh)) = feature.since(family) {
                    assert!(!en.is_empty() && !zh.is_ascii(), "{feature:?}");
                }
            }
            let Ok(script) = crate::read(row.example) else { panic!("{}", row.example) };
            let used: Vec<Feature> = script
                .statements()
                .iter()
                .flat_map(|statement| statement.uses.iter().map(|used| used.feature))
                .collect();
            assert!(!used.is_empty() && used.iter().all(|used| used == feature), "{}: {used:?}", row.example);
            let only = script.statements().iter().map(|statement| statement.only.len()).sum::<usize>();
            assert_eq!(only, 0, "{}: told twice", row.example);
        }
    }
}
