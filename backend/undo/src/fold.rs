//! What several statements did to rows, as if one had done it.

use crate::images::{Images, Layout, Row, Values};
use std::collections::{HashMap, HashSet};

/// A table had other columns in between: what was kept of it before does not fit what was kept after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restructured {
    /// `database.table`
    pub table: String,
}

/// In the order in which they ran. What came back to what it was is left out.
pub fn fold(all: impl IntoIterator<Item = Images>) -> Result<Vec<Images>, Restructured> {
    let tables = tables(all);
    let mut names = HashSet::new();
    for Layout { database, table, .. } in tables.iter().map(|table| &table.layout) {
        if !names.insert((database, table)) {
            return Err(Restructured { table: format!("{database}.{table}") });
        }
    }
    Ok(images(tables))
}

/// The same, where a table had other columns in between: what was kept of it by the ones and by the others stays apart.
#[must_use]
pub fn fold_apart(all: impl IntoIterator<Item = Images>) -> Vec<Images> {
    images(tables(all))
}

/// One of each layout.
fn tables(all: impl IntoIterator<Item = Images>) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    // Where those of one name are.
    let mut places: HashMap<(String, String), Vec<usize>> = HashMap::new();
    for Images { layout, rows } in all {
        let named = places.entry((layout.database.clone(), layout.table.clone())).or_default();
        let same = |at: &&usize| tables.get(**at).is_some_and(|table| table.layout == layout);
        let at = named.iter().find(same).copied().unwrap_or(tables.len());
        if at == tables.len() {
            named.push(at);
            tables.push(Table { layout, rows: Vec::new(), places: HashMap::new() });
        }
        let Some(table) = tables.get_mut(at) else { continue };
        for row in rows {
            table.add(row);
        }
    }
    tables
}

fn images(tables: Vec<Table>) -> Vec<Images> {
    let folded = tables.into_iter().map(|Table { layout, mut rows, .. }| {
        rows.retain(|row| row.before != row.after);
        Images { layout, rows }
    });
    folded.filter(|images| !images.rows.is_empty()).collect()
}

struct Table {
    layout: Layout,
    rows: Vec<Row>,
    places: HashMap<Values, usize>,
}

impl Table {
    fn add(&mut self, row: Row) {
        let Some(key) = row.any().map(|values| self.layout.key_of(values)) else { return };
        let next = self.rows.len();
        let at = *self.places.entry(key).or_insert(next);
        match self.rows.get_mut(at) {
            Some(before) => before.after = row.after,
            None => self.rows.push(row),
        }
    }
}

/// What takes back is taken back by the same rows the other way round.
#[must_use]
pub fn turned(images: Vec<Images>) -> Vec<Images> {
    let turn = |row: Row| Row { before: row.after, after: row.before };
    images
        .into_iter()
        .map(|Images { layout, rows }| Images { layout, rows: rows.into_iter().map(turn).collect() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Field, Form};

    fn layout(columns: &[&str]) -> Layout {
        let field = |name: &&str| Field { name: (*name).to_owned(), form: Form::Number, on_update: false };
        Layout {
            database: "shop".into(),
            table: "t".into(),
            fields: columns.iter().map(field).collect(),
            key: vec![0],
            unique: Vec::new(),
        }
    }

    fn row(id: u32, before: Option<u32>, after: Option<u32>) -> Row {
        let values = |v: u32| vec![Some(id.to_string()), Some(v.to_string())];
        Row { before: before.map(values), after: after.map(values) }
    }

    #[test]
    fn a_row_that_several_statements_touched_goes_from_its_first_to_its_last_value() {
        let of = |rows: Vec<Row>| Images { layout: layout(&["id", "v"]), rows };
        let folded = fold([
            of(vec![row(1, Some(1), Some(2)), row(2, Some(5), None), row(3, None, Some(1))]),
            of(vec![row(1, Some(2), Some(3)), row(2, None, Some(6)), row(3, Some(1), None)]),
            of(vec![row(4, Some(1), Some(2))]),
            of(vec![row(4, Some(2), Some(1))]),
        ])
        .unwrap();
        assert_eq!(folded, [of(vec![row(1, Some(1), Some(3)), row(2, Some(5), Some(6))])]);
        assert_eq!(
            turned(folded),
            [of(vec![row(1, Some(3), Some(1)), row(2, Some(6), Some(5))])],
            "and the way back"
        );
    }

    #[test]
    fn other_columns_in_between_are_told() {
        let first = Images { layout: layout(&["id", "v"]), rows: vec![row(1, Some(1), Some(2))] };
        let then = Images { layout: layout(&["id", "w"]), rows: vec![row(1, Some(2), Some(3))] };
        let apart = fold_apart([first.clone(), then.clone()]);
        assert_eq!(apart, [first.clone(), then.clone()]);
        assert_eq!(fold([first, then]), Err(Restructured { table: "shop.t".into() }));
    }
}
