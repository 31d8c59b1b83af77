//! A change of more rows than are kept at once: the same words for one span of the table's primary key after the other, each in a
//! transaction of its own.
//!
//! Only where that comes to the same: one table, whose key stays, and nothing that it reads elsewhere may be another meanwhile.

use crate::{
    chance::names_variable,
    field::{Field, Form, full_name, quoted},
    images::{Layout, Values},
    restore::Unsound,
    table::{called, known},
};
use dbdesk_review::{
    Facts, Script, Statement,
    facts::{KeyKind, TableName},
    scan::{self, Lexeme},
    shape::{Change, Shape},
    types::TypeKind,
};

/// A statement that may be made in chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunked {
    /// Up to its condition.
    head: String,
    condition: Option<String>,
    /// What its table is called in it.
    of: String,
    name: TableName,
    key: Vec<Field>,
    /// Rows of its table by the server's statistics.
    pub rows: Option<u64>,
}

/// That of a statement; `None` where it is to be made whole.
#[must_use]
pub fn chunked(
    script: &Script,
    statement: &Statement,
    facts: &Facts,
    database: Option<&str>,
) -> Option<Chunked> {
    let (Shape::Update(change) | Shape::Delete(change)) = &statement.shape else { return None };
    let text = script.sql();
    if !is_plain(change) || opens(change.tables_span.of(text)) || names_variable(script.text(statement)) {
        return None;
    }
    let target = change.tables.first()?;
    let (name, table) = known(&target.name, facts, database).ok()?;
    let layout = Layout::of(&name, table, facts).ok()?;
    let key: Vec<Field> = layout.keyed().map(|(_, field)| field.clone()).collect();
    let primary = table.keys.iter().find(|key| key.kind == KeyKind::Primary)?;
    let is_primary = primary.parts.len() == key.len()
        && primary.parts.iter().zip(&key).all(|(part, field)| part.column.eq_ignore_ascii_case(&field.name));
    let ordered = key.iter().all(|field| {
        // What is written of the others orders in another way than the index does.
        let listed = table
            .column(&field.name)
            .is_none_or(|column| matches!(column.column_type.kind, TypeKind::Enum | TypeKind::Set));
        !listed && matches!(field.form, Form::Number | Form::Plain | Form::Bytes | Form::Text { .. })
    });
    // An index of both directions gives no rows in order.
    let mixed =
        primary.parts.iter().any(|part| part.descending) && !primary.parts.iter().all(|part| part.descending);
    if !is_primary || !ordered || mixed {
        return None;
    }
    let condition = change.condition.as_ref().map(|condition| condition.span);
    // What follows the condition is a comment at most.
    let end = condition.map_or(statement.span.end, |span| span.start);
    Some(Chunked {
        head: text.get(statement.span.start..end)?.to_owned(),
        condition: condition.map(|span| span.of(text).to_owned()),
        of: target.alias.as_deref().map_or_else(|| called(&target.name), quoted),
        rows: table.rows,
        name,
        key,
    })
}

fn is_plain(change: &Change) -> bool {
    let Change { with, has_derived, reads, order, limit, multi, .. } = change;
    with.is_none() && !has_derived && reads.is_empty() && order.is_none() && limit.is_none() && !multi
}

/// Partitions or indexes are named.
fn opens(tables: &str) -> bool {
    let (bytes, mut at) = (tables.as_bytes(), 0);
    while let Some(found) = scan::next(bytes, at) {
        if found.lexeme == Lexeme::Open {
            return true;
        }
        at = found.end;
    }
    false
}

impl Chunked {
    /// The columns of its key, in their order.
    #[must_use]
    pub fn key_columns(&self) -> Vec<String> {
        self.key.iter().map(|field| field.name.clone()).collect()
    }

    /// Asks for the last key that there is now: rows that come behind it are not touched.
    #[must_use]
    pub fn last(&self) -> String {
        let order: Vec<String> =
            self.key.iter().map(|field| format!("{} DESC", quoted(&field.name))).collect();
        format!("SELECT {} FROM {} LIMIT 1", self.list(), self.ordered("", &order))
    }

    /// Asks for the key of the row that is `rows` rows behind `after`, and not behind `end`.
    pub fn bound(&self, after: Option<&Values>, end: &Values, rows: u64) -> Result<String, Unsound> {
        let order: Vec<String> = self.key.iter().map(|field| quoted(&field.name)).collect();
        let range = format!(" WHERE {}", self.span("chunked", after, end)?);
        let offset = rows.saturating_sub(1);
        Ok(format!("SELECT {} FROM {} LIMIT 1 OFFSET {offset}", self.list(), self.ordered(&range, &order)))
    }

    /// The statement for the rows behind `after`, up to and with `to`.
    pub fn piece(&self, after: Option<&Values>, to: &Values) -> Result<String, Unsound> {
        let span = self.span(&self.of, after, to)?;
        let head = &self.head;
        Ok(match &self.condition {
            Some(condition) => format!("{head}({condition}\n) AND {span}"),
            None => format!("{head}\nWHERE {span}"),
        })
    }

    fn span(&self, of: &str, after: Option<&Values>, to: &Values) -> Result<String, Unsound> {
        let up_to = self.side(of, to, Side::UpTo)?;
        let after = after.map(|after| self.side(of, after, Side::After)).transpose()?;
        Ok(after.map_or(up_to.clone(), |after| format!("{after} AND {up_to}")))
    }

    fn list(&self) -> String {
        self.key.iter().map(|field| field.read("chunked")).collect::<Vec<_>>().join(", ")
    }

    fn ordered(&self, range: &str, order: &[String]) -> String {
        let name = full_name(self.name.database.as_deref().unwrap_or_default(), &self.name.table);
        let order: Vec<String> = order.iter().map(|column| format!("chunked.{column}")).collect();
        format!("{name} chunked FORCE INDEX (PRIMARY){range} ORDER BY {}", order.join(", "))
    }

    /// `(a > 1 OR (a = 1 AND b > 2))`: servers do not use an index for `(a, b) > (1, 2)`.
    fn side(&self, of: &str, key: &Values, side: Side) -> Result<String, Unsound> {
        let mut all = Vec::new();
        for (at, field) in self.key.iter().enumerate() {
            let value = key.get(at).and_then(Option::as_deref).ok_or(Unsound)?;
            if !field.is_sound(value) {
                return Err(Unsound);
            }
            all.push((format!("{of}.{}", quoted(&field.name)), field.literal(Some(value))));
        }
        let (last, before) = all.split_last().ok_or(Unsound)?;
        let (strict, sign) = match side {
            Side::After => (">", ">"),
            Side::UpTo => ("<", "<="),
        };
        let innermost = format!("{} {sign} {}", last.0, last.1);
        Ok(before.iter().rev().fold(format!("({innermost})"), |inner, (column, value)| {
            format!("({column} {strict} {value} OR ({column} = {value} AND {inner}))")
        }))
    }
}

#[derive(Clone, Copy)]
enum Side {
    After,
    UpTo,
}

#[cfg(test)]
mod tests {
    use super::*;
    use dbdesk_review::{
        facts::{Column, Key, KeyPart, Looked, Table},
        read,
        types::ColumnType,
    };

    fn of(key: &[(&str, &str)], sql: &str) -> Option<Chunked> {
        let column = |(name, data_type): &(&str, &str)| Column {
            name: (*name).into(),
            column_type: ColumnType { charset: Some("utf8mb4".into()), ..ColumnType::of(data_type).unwrap() },
            ..Column::default()
        };
        let part = |(name, _): &(&str, &str)| KeyPart { column: (*name).into(), ..KeyPart::default() };
        let primary = Key { kind: KeyKind::Primary, parts: key.iter().map(part).collect(), ..Key::default() };
        let columns = key.iter().chain(&[("v", "int")]).map(column).collect();
        let table = Table { columns, keys: vec![primary], ..Table::default() };
        let name = TableName { database: Some("shop".into()), table: "t".into() };
        let facts = Facts { tables: [(name, Looked::Found(table))].into(), ..Facts::default() };
        let script = read(sql).unwrap();
        chunked(&script, script.statements().last().unwrap(), &facts, Some("shop"))
    }

    fn key(values: &[&str]) -> Values {
        values.iter().map(|value| Some((*value).to_owned())).collect()
    }

    #[test]
    fn a_chunk_is_the_statement_within_a_span_of_the_key() {
        let whole = of(&[("id", "int")], "UPDATE t SET v = 1 WHERE v = 2 OR id < 9 -- all").unwrap();
        insta::assert_snapshot!(
            [
                whole.last(),
                whole.bound(None, &key(&["90"]), 1_000).unwrap(),
                whole.bound(Some(&key(&["7"])), &key(&["90"]), 1_000).unwrap(),
                whole.piece(None, &key(&["7"])).unwrap(),
                whole.piece(Some(&key(&["7"])), &key(&["9"])).unwrap(),
            ]
            .join("\n")
        );
        let several = of(&[("a", "varchar(9)"), ("b", "datetime")], "SELECT 1; DELETE FROM t").unwrap();
        let (from, to) = (key(&["61", "2026-01-01 00:00:00"]), key(&["62", "2026-01-02 00:00:00"]));
        insta::assert_snapshot!(
            [several.bound(Some(&from), &to, 10).unwrap(), several.piece(Some(&from), &to).unwrap(),]
                .join("\n")
        );
    }

    #[test]
    fn what_would_say_something_else_in_chunks_is_made_whole() {
        for sql in [
            "UPDATE t SET v = 1 ORDER BY id LIMIT 10",
            "UPDATE t SET v = (SELECT MAX(v) FROM u)",
            "UPDATE t, u SET t.v = 1",
            "DELETE FROM t WHERE id IN (SELECT id FROM u)",
            "UPDATE t SET v = (@n := @n + 1)",
            "DELETE FROM t PARTITION (p0)",
            "UPDATE u SET v = 1",
            "INSERT INTO t VALUES (1, 2)",
        ] {
            assert_eq!(of(&[("id", "int")], sql), None, "{sql}");
        }
        for key in ["enum('b','a')", "float", "timestamp", "bit(3)"] {
            assert_eq!(of(&[("id", key)], "DELETE FROM t"), None, "{key}");
        }
    }

    #[test]
    fn a_key_that_is_no_value_is_not_written_into_sql() {
        let whole = of(&[("id", "int")], "DELETE FROM t").unwrap();
        assert_eq!(whole.piece(None, &key(&["1 OR 1"])), Err(Unsound));
        assert_eq!(whole.bound(None, &vec![None], 1), Err(Unsound));
    }
}
