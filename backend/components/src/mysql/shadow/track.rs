//! Which table of a trial was which before it, and which statement changed it last.

use dbdesk_review::{facts::TableName, shadow::Step};
use std::collections::{BTreeMap, BTreeSet};

/// The tables that the script has changed so far.
#[derive(Debug, Default)]
pub(super) struct Track {
    tables: BTreeMap<TableName, Tracked>,
    /// Names whose table was renamed away: who comes to bear one of them is another table.
    left: BTreeSet<TableName>,
}

/// A table under its name of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tracked {
    /// Its name before the script; a new table has none.
    pub(super) origin: Option<TableName>,
    /// The statement that changed it last.
    pub(super) last: usize,
}

impl Track {
    /// A statement ran.
    pub(super) fn ran(&mut self, step: &Step) {
        for name in &step.changes {
            let origin = (!self.left.contains(name)).then(|| name.clone());
            self.tables.entry(name.clone()).or_insert(Tracked { origin, last: 0 }).last = step.index;
        }
        for (old, new) in &step.renames {
            let origin = match self.tables.remove(old) {
                Some(tracked) => tracked.origin,
                None => (!self.left.contains(old)).then(|| old.clone()),
            };
            self.left.insert(old.clone());
            self.tables.insert(new.clone(), Tracked { origin, last: step.index });
        }
    }

    /// Every table that was changed.
    pub(super) fn tables(&self) -> impl Iterator<Item = (&TableName, &Tracked)> {
        self.tables.iter()
    }

    /// Whether the script has made, changed or removed a table of this name.
    pub(super) fn knows(&self, table: &str) -> bool {
        self.tables.keys().chain(&self.left).any(|name| name.table == table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_review::Settings;

    fn tracked(sql: &str) -> Vec<(String, Option<String>, usize)> {
        let settings = Settings { database: Some("shop".into()), ..Settings::default() };
        let plan = dbdesk_review::read(sql).expect("a script").plan(&settings, 100);
        let mut track = Track::default();
        plan.steps.iter().for_each(|step| track.ran(step));
        let shown = |(name, tracked): (&TableName, &Tracked)| {
            (name.table.clone(), tracked.origin.as_ref().map(|name| name.table.clone()), tracked.last)
        };
        track.tables().map(shown).collect()
    }

    #[test]
    fn a_table_is_followed_through_its_names() {
        let of = |name: &str, origin: Option<&str>, last| (name.to_owned(), origin.map(str::to_owned), last);
        assert_eq!(
            tracked(
                "ALTER TABLE a ADD x INT; RENAME TABLE a TO b; ALTER TABLE b ADD y INT; CREATE TABLE a (id INT)"
            ),
            [of("a", None, 3), of("b", Some("a"), 2)]
        );
        assert_eq!(
            tracked("RENAME TABLE a TO old, b TO a, old TO b"),
            [of("a", Some("b"), 0), of("b", Some("a"), 0)],
            "two tables change names"
        );
        assert_eq!(tracked("ALTER TABLE a RENAME TO b, ADD x INT"), [of("b", Some("a"), 0)]);
    }
}
