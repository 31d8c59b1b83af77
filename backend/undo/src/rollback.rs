//! The SQL of a ticket that takes another one back, of the rows that are still as that one left them.

use crate::{
    images::{Images, Layout, Row, Values},
    restore::{self, Step, Unsound},
};
use dbdesk_review::{Statement, facts::Referrer, shape::Shape};

/// Values of a row are shown up to so many characters.
const SHOWN_CHARS: usize = 60;

/// A row that is not as it was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// `database.table`
    pub table: String,
    /// Its key, as `id = 7`.
    pub row: String,
    /// What differs, as `qty`; nothing where the row is gone, or is there again.
    pub columns: Vec<String>,
}

/// What takes rows back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rollback {
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Rows that they bring back.
    pub rows: u64,
    /// Rows that are left as they are, since they changed.
    pub changed: Vec<Changed>,
    /// Rows that are as they were before already.
    pub back: u64,
}

impl Rollback {
    /// Takes back what of `images` is still as it was left. `now`: each row's values as they are, in the order of its rows.
    pub fn add(
        &mut self,
        images: Images,
        now: &[Option<Values>],
        referrers: &[Referrer],
    ) -> Result<(), Unsound> {
        let Images { layout, rows } = images;
        let mut left = Images { layout, rows: Vec::new() };
        for (at, row) in rows.into_iter().enumerate() {
            let is = now.get(at).and_then(Option::as_ref);
            if is == row.after.as_ref() {
                left.rows.push(row);
            } else if is == row.before.as_ref() {
                self.back += 1;
            } else {
                self.changed.push(changed(&left, &row, is));
            }
        }
        self.rows += left.rows.len() as u64;
        self.steps.extend(restore::steps(&left, referrers)?);
        Ok(())
    }

    /// As one text.
    #[must_use]
    pub fn sql(&self, head: &str) -> String {
        let steps = self.steps.iter().map(|step| step.sql.as_str());
        let mut sql = format!("-- {head}\n");
        for step in steps {
            sql.push_str(step);
            sql.push_str(";\n");
        }
        sql
    }
}

/// The key of a row, as `id = 7`.
#[must_use]
pub fn key_shown(layout: &Layout, values: &Values) -> String {
    let shown = |value: Option<&str>| match value {
        None => "NULL".to_owned(),
        Some(value) if value.chars().count() <= SHOWN_CHARS => value.to_owned(),
        Some(value) => value.chars().take(SHOWN_CHARS).chain(['…']).collect(),
    };
    let one = |(at, field): (usize, &crate::Field)| {
        format!("{} = {}", field.name, shown(values.get(at).and_then(Option::as_deref)))
    };
    layout.keyed().map(one).collect::<Vec<_>>().join(", ")
}

fn changed(images: &Images, row: &Row, is: Option<&Values>) -> Changed {
    let layout = &images.layout;
    let columns = match (&row.after, is) {
        (Some(after), Some(is)) => {
            let differs = layout.fields.iter().zip(after.iter().zip(is)).filter(|(_, (was, is))| was != is);
            differs.map(|(field, _)| field.name.clone()).collect()
        }
        _ => Vec::new(),
    };
    Changed {
        table: format!("{}.{}", layout.database, layout.table),
        row: row.any().map(|values| key_shown(layout, values)).unwrap_or_default(),
        columns,
    }
}

/// Rows that a statement of such a text must touch: another number means that something changed since. `None`: it is no part of
/// taking rows back.
#[must_use]
pub fn rows_of(statement: &Statement) -> Option<u64> {
    match &statement.shape {
        Shape::Insert(insert) => Some(insert.rows),
        Shape::Update(_) | Shape::Delete(_) => Some(1),
        _ => None,
    }
}
