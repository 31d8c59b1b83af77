//! Rows as they were before a statement and as it left them.

use crate::field::Field;
use serde::{Deserialize, Serialize};

/// The values of a row, in the order of the fields; see [`Field`].
pub type Values = Vec<Option<String>>;

/// What a statement did to one row. A row that it made has no before, one that it deleted no after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// As it was.
    pub before: Option<Values>,
    /// As it is.
    pub after: Option<Values>,
}

/// What a statement did to the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// What is kept of a row.
    pub fields: Vec<Field>,
    /// Which of the fields tell a row from all others.
    pub key: Vec<usize>,
    /// Which of them stand in a further unique key.
    pub unique: Vec<usize>,
    /// The rows; those that stayed as they were are left out.
    pub rows: Vec<Row>,
}

impl Images {
    /// Pairs the rows before and after by their key. What stayed as it was is left out.
    #[must_use]
    pub fn pair(key: &[usize], before: Vec<Values>, after: Vec<Values>) -> Vec<Row> {
        let of =
            |values: &Values| -> Values { key.iter().map(|at| values.get(*at).cloned().flatten()).collect() };
        let mut left: std::collections::HashMap<Values, Values> =
            after.into_iter().map(|values| (of(&values), values)).collect();
        let mut rows: Vec<Row> = before
            .into_iter()
            .map(|before| {
                let after = left.remove(&of(&before));
                Row { before: Some(before), after }
            })
            .filter(|row| row.before != row.after)
            .collect();
        let mut made: Vec<Values> = left.into_values().collect();
        made.sort_unstable();
        rows.extend(made.into_iter().map(|after| Row { before: None, after: Some(after) }));
        rows
    }
}

impl Row {
    /// Bytes that its values take, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = self.before.iter().chain(&self.after).flatten();
        all.map(|value| value.as_ref().map_or(0, String::len) + 8).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_paired_by_their_key() {
        let row = |id: &str, v: &str| vec![Some(id.to_owned()), Some(v.to_owned())];
        let rows = Images::pair(
            &[0],
            vec![row("1", "a"), row("2", "b"), row("3", "c")],
            vec![row("3", "c"), row("2", "x"), row("4", "d")],
        );
        assert_eq!(
            rows,
            [
                Row { before: Some(row("1", "a")), after: None },
                Row { before: Some(row("2", "b")), after: Some(row("2", "x")) },
                Row { before: None, after: Some(row("4", "d")) },
            ]
        );
    }
}
