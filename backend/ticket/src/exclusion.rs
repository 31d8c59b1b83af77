//! Which work must not run beside which: a matrix of kinds, as data. What it does not name is excluded.

use dbdesk_commands::wire::task::TaskKind;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How two kinds get on with each other on one service group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Side by side.
    Together,
    /// Not while both touch one table.
    Table,
    /// Never side by side.
    Group,
}

/// The matrix. It is symmetric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion(BTreeMap<(TaskKind, TaskKind), Rule>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    pair: Vec<Pair>,
}

/// What one pair of kinds may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Which, in any order.
    pub kinds: [TaskKind; 2],
    /// How they get on.
    pub rule: Rule,
}

/// What dbdesk ships.
pub const SHIPPED: &str = include_str!("exclusion.toml");

/// The text is no matrix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAMatrix {
    /// Not the form.
    #[error("{0}")]
    Form(String),
    /// A pair stands there twice.
    #[error("the pair {} and {} stands there twice", .0.word(), .1.word())]
    Twice(TaskKind, TaskKind),
}

impl Exclusion {
    /// Reads a matrix.
    ///
    /// # Errors
    /// Not TOML of this form, an unknown kind or rule, or a pair that stands there twice.
    pub fn read(text: &str) -> Result<Self, NotAMatrix> {
        let file: File = toml::from_str(text)
            .map_err(|error| NotAMatrix::Form(error.to_string().trim_end().to_owned()))?;
        Self(BTreeMap::new()).with(&file.pair)
    }

    /// What dbdesk ships, with these pairs instead of its own.
    ///
    /// # Errors
    /// A pair stands there twice.
    pub fn shipped_with(pairs: &[Pair]) -> Result<Self, NotAMatrix> {
        Self::read(SHIPPED)?.with(pairs)
    }

    fn with(mut self, pairs: &[Pair]) -> Result<Self, NotAMatrix> {
        let mut seen = BTreeSet::new();
        for Pair { kinds: [a, b], rule } in pairs.iter().copied() {
            if !seen.insert((a.min(b), a.max(b))) {
                return Err(NotAMatrix::Twice(a, b));
            }
            self.0.insert((a.min(b), a.max(b)), rule);
        }
        Ok(self)
    }

    /// How these two get on.
    #[must_use]
    pub fn rule(&self, a: TaskKind, b: TaskKind) -> Rule {
        self.0.get(&(a.min(b), a.max(b))).copied().unwrap_or(Rule::Group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_that_is_shipped_names_every_pair() {
        let shipped = Exclusion::read(SHIPPED).unwrap();
        for a in TaskKind::ALL {
            for b in TaskKind::ALL {
                assert!(shipped.0.contains_key(&(a.min(b), a.max(b))), "{a:?} {b:?}");
            }
        }
        assert_eq!(shipped.rule(TaskKind::Dml, TaskKind::Ddl), Rule::Table);
        assert_eq!(shipped.rule(TaskKind::Dml, TaskKind::Dml), Rule::Together);
    }

    #[test]
    fn what_is_not_named_is_excluded() {
        assert_eq!(Exclusion::read("").unwrap().rule(TaskKind::Dml, TaskKind::Dml), Rule::Group);
    }

    #[test]
    fn a_pair_of_ones_own_replaces_the_one_that_is_shipped() {
        let own = Pair { kinds: [TaskKind::Dml, TaskKind::Dml], rule: Rule::Table };
        let matrix = Exclusion::shipped_with(&[own]).unwrap();
        assert_eq!(matrix.rule(TaskKind::Dml, TaskKind::Dml), Rule::Table);
        assert_eq!(matrix.rule(TaskKind::Ddl, TaskKind::Dml), Rule::Table);
    }

    #[test]
    fn a_matrix_that_contradicts_itself_or_names_what_is_not_there_is_refused() {
        let pair = |kinds: &str| format!("[[pair]]\nkinds = {kinds}\nrule = \"table\"\n");
        let twice = pair("[\"ddl\", \"dml\"]") + &pair("[\"dml\", \"ddl\"]");
        assert_eq!(Exclusion::read(&twice).unwrap_err(), NotAMatrix::Twice(TaskKind::Dml, TaskKind::Ddl));
        assert!(matches!(Exclusion::read(&pair("[\"ddl\", \"tea\"]")), Err(NotAMatrix::Form(_))));
    }
}
