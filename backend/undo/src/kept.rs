//! What a statement needs so that it can be taken back: how the rows that it will touch are locked and read before, and how they are
//! found again after.
//!
//! All of it happens in one `SERIALIZABLE` transaction whose time stands still: whatever the `SELECT` reads is locked, so the statement
//! that follows touches the same rows.

use crate::{
    change,
    images::{Layout, Values},
    insert,
    lack::Lack,
};
use dbdesk_review::{Facts, Script, Statement, feature::Feature, shape::Shape};

/// What a statement does to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// They are there before and after: each is matched, and counts.
    Update,
    /// They are gone after.
    Delete,
    /// They are there after. So many were written out.
    Insert {
        /// How many.
        rows: u64,
        /// What becomes of rows in the way.
        way: Way,
    },
}

/// What becomes of rows that are in the way of an `INSERT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// They are an error.
    Plain,
    /// `REPLACE`: they go.
    Replace,
    /// `ON DUPLICATE KEY UPDATE`: they change.
    Update,
}

/// How the rows of an `INSERT` are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// By the values of a key that are written out: before, those in the way; after, those inserted.
    Written,
    /// By the numbers that the server gave them, one after the other.
    Counted,
    /// `UPDATE`, `DELETE`: by the key of the rows before.
    Before,
}

/// What is kept of one table that a statement changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What is kept of its rows.
    pub layout: Layout,
    /// What is done.
    pub deed: Deed,
    /// How rows are found.
    pub found: Found,
    /// Locks and reads the rows that the statement will touch. Some may be told twice.
    pub before: Vec<String>,
}

/// What was seen of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// Rows before.
    pub before: u64,
    /// Rows after.
    pub after: u64,
}

/// What is needed for each table that the statement changes; none where it changes no rows. Of each table one row more than `most` is
/// read at most: that is one too many.
pub fn plan(
    script: &Script,
    statement: &Statement,
    facts: &Facts,
    (database, most): (Option<&str>, u64),
) -> Result<Vec<Kept>, Lack> {
    let text = script.sql();
    let strange = [Feature::Period, Feature::ReturningOfDelete, Feature::ReturningOfInsert];
    if statement.uses.iter().any(|used| strange.contains(&used.feature)) {
        return Err(Lack::Form);
    }
    match &statement.shape {
        Shape::Update(change) => {
            change::plan(script, (statement, change), Deed::Update, facts, (database, most))
        }
        Shape::Delete(change) => {
            change::plan(script, (statement, change), Deed::Delete, facts, (database, most))
        }
        Shape::Insert(insert) => {
            insert::plan(text, statement, insert, facts, database).map(|kept| vec![kept])
        }
        _ => Ok(Vec::new()),
    }
}

impl Kept {
    /// Finds rows again by their key.
    #[must_use]
    pub fn again(&self, rows: &[Values]) -> Vec<String> {
        let (names, tuples) = self.layout.keys(&rows.iter().collect::<Vec<_>>());
        self.layout.find(&names, &tuples)
    }

    /// Finds the rows that got `count` numbers from `first` on, each `step` after the other.
    #[must_use]
    pub fn counted(&self, first: u64, step: u64, count: u64) -> Vec<String> {
        let at = self.layout.key.first().copied().unwrap_or_default();
        let row = |number: u64| {
            let mut row = vec![None; self.layout.fields.len()];
            if let Some(value) = row.get_mut(at) {
                *value = Some(first.saturating_add(number.saturating_mul(step)).to_string());
            }
            row
        };
        self.again(&(0..count).map(row).collect::<Vec<_>>())
    }
}

/// The rows before and after do not agree with what the server says it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreed {
    /// Rows that were read before (of an `INSERT`: that were found after).
    pub read: u64,
    /// Rows that the server says it touched.
    pub touched: u64,
}

/// Whether what was seen of each table agrees with how many rows the server says that the statement touched.
pub fn agree(kept: &[Kept], seen: &[Seen], touched: u64) -> Result<(), Disagreed> {
    let total = |of: fn(&Seen) -> u64| seen.iter().map(of).sum::<u64>();
    let (before, after) = (total(|seen| seen.before), total(|seen| seen.after));
    let (read, agrees) = match kept.first().map(|kept| kept.deed) {
        None => (0, true),
        Some(Deed::Update) => (before, before == touched && after == before),
        Some(Deed::Delete) => (before, before == touched && after == 0),
        Some(Deed::Insert { rows, way: Way::Plain }) => {
            (after, before == 0 && after == rows && touched == rows)
        }
        // One that goes and one that comes are counted each; one that comes as it was may be counted once.
        Some(Deed::Insert { rows, way: Way::Replace }) => {
            (after, after + touched <= before + 2 * rows && touched >= rows)
        }
        Some(Deed::Insert { rows, way: Way::Update }) => (after, before <= after && after <= before + rows),
    };
    if agrees { Ok(()) } else { Err(Disagreed { read, touched }) }
}
