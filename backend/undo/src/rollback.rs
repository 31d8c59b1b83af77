//! The SQL of a ticket that takes another one back, of the rows that are still as that one left them.

use crate::{
    images::{Images, Layout, Row, Values},
    restore::{self, Step, Unsound},
};
use dbdesk_review::{Statement, facts::Referrer, shape::Shape};

/// Behind each step.
const END: &str = ";\n";
/// Bytes before the first step.
const HEAD: usize = 200;
/// What stands before the first step on another server, with its name.
pub const ELSEWHERE: &str = "-- On ";
/// More rows than any ticket has room for are not even written as SQL.
const MOST_AT_ONCE: usize = 40_000;
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
    /// Rows that could be brought back, too, and do not fit.
    pub rest: u64,
    /// Bytes of SQL that there is still room for; any number where none is named.
    room: Option<usize>,
    /// On which servers the next step runs, where it is the first there.
    elsewhere: Option<String>,
}

impl Rollback {
    /// One whose text takes at most so many bytes: what does not fit is left for another one.
    #[must_use]
    pub fn within(bytes: usize) -> Self {
        Self { room: Some(bytes.saturating_sub(HEAD)), ..Self::default() }
    }

    /// What is added from now on runs on the servers of another service group, in a transaction of its own.
    pub fn elsewhere(&mut self, group: &str) {
        self.elsewhere = Some(format!("{ELSEWHERE}{group}.\n"));
    }

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
        self.fit(left, referrers)
    }

    /// As many of them as there is room for. Of those that trade unique values all or none.
    fn fit(&mut self, mut left: Images, referrers: &[Referrer]) -> Result<(), Unsound> {
        let all = left.rows.len();
        if !left.layout.unique.is_empty() {
            // What came may have the values of what went: it goes first.
            left.rows.sort_by_key(|row| row.before.is_some());
        }
        if self.room.is_some() && !restore::trade(&left) {
            left.rows.truncate(MOST_AT_ONCE);
        }
        loop {
            let mut steps = restore::steps(&left, referrers)?;
            if let (Some(head), Some(first)) = (&self.elsewhere, steps.first_mut()) {
                first.sql.insert_str(0, head);
            }
            let bytes = steps.iter().map(|step| step.sql.len() + END.len()).sum::<usize>();
            let room = self.room.unwrap_or(usize::MAX);
            if bytes <= room {
                self.room = self.room.map(|room| room - bytes);
                self.rows += left.rows.len() as u64;
                self.rest += (all - left.rows.len()) as u64;
                self.elsewhere = self.elsewhere.take().filter(|_| steps.is_empty());
                self.steps.extend(steps);
                return Ok(());
            }
            let fewer = if restore::trade(&left) { 0 } else { left.rows.len() * room / bytes * 9 / 10 };
            left.rows.truncate(fewer.min(left.rows.len() - 1));
        }
    }

    /// As one text.
    #[must_use]
    pub fn sql(&self, head: &str) -> String {
        let steps = self.steps.iter().map(|step| step.sql.as_str());
        let mut sql = format!("-- {head}\n");
        for step in steps {
            sql.push_str(step);
            sql.push_str(END);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Field,
        field::Form,
        images::{Layout, Row},
    };

    fn images(unique: Vec<usize>) -> Images {
        let field = |name: &str| Field { name: name.into(), form: Form::Number, on_update: false };
        let layout = Layout {
            database: "shop".into(),
            table: "t".into(),
            fields: vec![field("id"), field("v")],
            key: vec![0],
            unique,
        };
        let values = |id: usize, v: &str| vec![Some(id.to_string()), Some(v.to_owned())];
        let row = |id| Row { before: Some(values(id, "1")), after: Some(values(id, "2")) };
        Images { layout, rows: (0..100).map(row).collect() }
    }

    fn within(bytes: usize, images: Images) -> Rollback {
        let now: Vec<Option<Values>> = images.rows.iter().map(|row| row.after.clone()).collect();
        let mut rollback = Rollback::within(bytes);
        rollback.add(images, &now, &[]).unwrap();
        assert!(rollback.sql("Takes back T-1.").len() <= bytes.max(HEAD));
        rollback
    }

    #[test]
    fn what_does_not_fit_is_left_for_another_one() {
        let told = |rollback: &Rollback| (rollback.rows, rollback.rest);
        assert_eq!(told(&within(1 << 20, images(Vec::new()))), (100, 0));
        let some = within(3_000, images(Vec::new()));
        assert!(some.rows > 10 && some.rest > 10, "{:?}", told(&some));
        assert_eq!(some.rows + some.rest, 100);
        assert_eq!(told(&within(10, images(Vec::new()))), (0, 100));
        assert_eq!(told(&within(3_000, images(vec![1]))), (0, 100), "values that change hands go together");
    }
}
