//! Rows as they were before a statement and as it left them.

use crate::field::{Field, full_name, quoted};
use serde::{Deserialize, Serialize};

/// Rows that are found in one query.
const AT_ONCE: usize = 500;

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

/// What is kept of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// The columns that have values of their own.
    pub fields: Vec<Field>,
    /// Which of them tell a row from all others.
    pub key: Vec<usize>,
    /// Which of them stand in a further unique key.
    pub unique: Vec<usize>,
}

impl Layout {
    /// `` `db`.`table` ``
    #[must_use]
    pub fn name(&self) -> String {
        full_name(&self.database, &self.table)
    }

    /// The columns that tell a row from all others, with their places.
    pub fn keyed(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.key.iter().filter_map(|at| Some((*at, self.fields.get(*at)?)))
    }

    /// What reads all of a row, of the table that is called `of`.
    #[must_use]
    pub fn read(&self, of: &str) -> String {
        self.fields.iter().map(|field| field.read(of)).collect::<Vec<_>>().join(", ")
    }

    /// What reads the rows whose `columns` have these values, each as `(1, 'a')`.
    #[must_use]
    pub fn look(&self, columns: &str, tuples: &[String]) -> Vec<String> {
        let (list, name) = (self.read("kept"), self.name());
        let query = |tuples: &[String]| {
            let tuples = tuples.join(", ");
            format!("SELECT {list} FROM {name} kept WHERE ({columns}) IN ({tuples})")
        };
        tuples.chunks(AT_ONCE).map(query).collect()
    }

    /// The same, which locks them.
    #[must_use]
    pub fn find(&self, columns: &str, tuples: &[String]) -> Vec<String> {
        self.look(columns, tuples).into_iter().map(|query| query + " FOR UPDATE").collect()
    }

    /// The columns of the key, and of each of these rows its values of them.
    #[must_use]
    pub fn keys(&self, rows: &[&Values]) -> (String, Vec<String>) {
        let names = self.keyed().map(|(_, field)| quoted(&field.name)).collect::<Vec<_>>().join(", ");
        let tuple = |row: &&Values| {
            let literal =
                |(at, field): (usize, &Field)| field.literal(row.get(at).and_then(Option::as_deref));
            format!("({})", self.keyed().map(literal).collect::<Vec<_>>().join(", "))
        };
        (names, rows.iter().map(tuple).collect())
    }

    /// The values of the key of a row.
    #[must_use]
    pub fn key_of(&self, row: &Values) -> Values {
        self.key.iter().map(|at| row.get(*at).cloned().flatten()).collect()
    }
}

/// What a statement did to the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {
    /// What the values are.
    pub layout: Layout,
    /// The rows; those that stayed as they were are left out.
    pub rows: Vec<Row>,
}

impl Images {
    /// Pairs the rows before and after by their key. What stayed as it was is left out.
    #[must_use]
    pub fn pair(layout: Layout, before: Vec<Values>, after: Vec<Values>) -> Self {
        let of = |values: &Values| layout.key_of(values);
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
        Self { layout, rows }
    }
}

impl Row {
    /// Whichever there is: what they are both called by.
    #[must_use]
    pub fn any(&self) -> Option<&Values> {
        self.before.as_ref().or(self.after.as_ref())
    }

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
    use crate::field::Form;

    #[test]
    fn rows_are_paired_by_their_key() {
        let row = |id: &str, v: &str| vec![Some(id.to_owned()), Some(v.to_owned())];
        let field = |name: &str| Field { name: name.into(), form: Form::Plain, on_update: false };
        let layout = Layout {
            database: "shop".into(),
            table: "t".into(),
            fields: vec![field("id"), field("v")],
            key: vec![0],
            unique: Vec::new(),
        };
        let Images { rows, .. } = Images::pair(
            layout,
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
