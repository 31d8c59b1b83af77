//! Unique indexes that an `ALTER TABLE` builds over rows that are there: which values of them must not repeat, and how to ask
//! a server whether they do.

use crate::{
    facts::{KeyKind, KeyPart},
    shape::{Action, AlterTable, ColumnDef, TableRef},
    span::Span,
    types::DefaultValue,
};
use std::collections::HashMap;

/// Names are no longer, nor indexes; what is longer the server refuses without looking at a row.
const MAX_NAME: usize = 64;
const MAX_PARTS: usize = 32;
/// The most rows that a list of them shows.
const LISTED: usize = 100;

/// A unique index that a statement builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// [`KeyKind::Primary`] or [`KeyKind::Unique`].
    pub kind: KeyKind,
    /// Its name, where one is written.
    pub name: Option<&'a str>,
    /// `IF NOT EXISTS`.
    pub if_not_exists: bool,
    /// Its columns as they are called after the statement.
    pub columns: Vec<&'a str>,
    /// What the rows that are there will hold.
    pub values: Values<'a>,
    /// Where it is written.
    pub span: Span,
}

/// What the rows that are there will hold in the columns of a unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// No two alike: a new column counts by itself, or is NULL in all of them.
    Differ,
    /// What they hold in these columns decides; where there are none, all are alike.
    Of(Vec<Part<'a>>),
    /// Nobody can look beforehand: something of it is calculated.
    Unclear,
}

/// A column that was there before the statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// What it was called.
    pub column: &'a str,
    /// Only so many characters of it.
    pub prefix: Option<u32>,
    /// What the same statement makes of it.
    pub becomes: Option<&'a ColumnDef>,
}

/// Where a column of the altered table comes from.
enum Source<'a> {
    Added(&'a ColumnDef),
    Was(&'a str, Option<&'a ColumnDef>),
    /// `ADD COLUMN IF NOT EXISTS`.
    Either,
}

/// The unique indexes that an `ALTER TABLE` or `CREATE UNIQUE INDEX` builds, in order.
#[must_use]
pub fn wanted(alter: &AlterTable) -> Vec<Wanted<'_>> {
    let mut all = Vec::new();
    let named = alter.table.database.iter().chain([&alter.table.table]).all(|name| is_short(&name.text));
    if !named || !alter.ops.iter().any(|op| is_unique(&op.action)) {
        return all;
    }
    let sources = sources(alter);
    for op in &alter.ops {
        match &op.action {
            Action::AddKey(key, if_not_exists) if is_kind(key.kind) => {
                let name = key.name.as_ref().map(|name| name.text.as_str());
                all.extend(one((key.kind, key.span), name, *if_not_exists, &key.parts, &sources));
            }
            Action::AddColumns(columns, _) => {
                all.extend(columns.iter().filter_map(|column| at_column(column, &sources)));
            }
            Action::Modify(column) | Action::Change(_, column) => all.extend(at_column(column, &sources)),
            _ => {}
        }
    }
    all
}

fn is_kind(kind: KeyKind) -> bool {
    matches!(kind, KeyKind::Primary | KeyKind::Unique)
}

fn is_unique(action: &Action) -> bool {
    match action {
        Action::AddKey(key, _) => is_kind(key.kind),
        Action::AddColumns(columns, _) => columns.iter().any(|column| column.key.is_some_and(is_kind)),
        Action::Modify(column) | Action::Change(_, column) => column.key.is_some_and(is_kind),
        _ => false,
    }
}

fn is_short(name: &str) -> bool {
    name.chars().nth(MAX_NAME).is_none()
}

/// By their new names in lower case; a column that is not here stays as it is.
fn sources(alter: &AlterTable) -> HashMap<String, Source<'_>> {
    let mut all = HashMap::new();
    for op in &alter.ops {
        match &op.action {
            Action::AddColumns(columns, if_not_exists) => {
                for column in columns {
                    let source = if *if_not_exists { Source::Either } else { Source::Added(column) };
                    all.insert(column.name.text.to_lowercase(), source);
                }
            }
            Action::Modify(column) => {
                all.insert(column.name.text.to_lowercase(), Source::Was(&column.name.text, Some(column)));
            }
            Action::Change(old, column) => {
                all.insert(column.name.text.to_lowercase(), Source::Was(&old.text, Some(column)));
            }
            Action::RenameColumn(old, new) => {
                all.insert(new.text.to_lowercase(), Source::Was(&old.text, None));
            }
            _ => {}
        }
    }
    all
}

/// `UNIQUE` or `PRIMARY KEY` at a column itself.
fn at_column<'a>(column: &'a ColumnDef, sources: &HashMap<String, Source<'a>>) -> Option<Wanted<'a>> {
    let kind = column.key.filter(|kind| is_kind(*kind))?;
    let name = column.name.text.as_str();
    let values = values(kind, &[(name, None)], sources);
    let wanted =
        Wanted { kind, name: None, if_not_exists: false, columns: vec![name], values, span: column.span };
    is_short(name).then_some(wanted)
}

fn one<'a>(
    (kind, span): (KeyKind, Span),
    name: Option<&'a str>,
    if_not_exists: bool,
    parts: &'a [KeyPart],
    sources: &HashMap<String, Source<'a>>,
) -> Option<Wanted<'a>> {
    if parts.len() > MAX_PARTS || parts.iter().any(|part| !part.is_expression && !is_short(&part.column)) {
        return None;
    }
    let columns = parts.iter().map(|part| if part.is_expression { "(…)" } else { part.column.as_str() });
    let columns: Vec<&str> = columns.collect();
    let values = if parts.iter().any(|part| part.is_expression) {
        Values::Unclear
    } else {
        let written: Vec<_> = parts.iter().map(|part| (part.column.as_str(), part.prefix)).collect();
        values(kind, &written, sources)
    };
    Some(Wanted { kind, name, if_not_exists, columns, values, span })
}

fn values<'a>(
    kind: KeyKind,
    written: &[(&'a str, Option<u32>)],
    sources: &HashMap<String, Source<'a>>,
) -> Values<'a> {
    let mut parts = Vec::new();
    let mut unclear = false;
    for &(name, prefix) in written {
        match sources.get(&name.to_lowercase()) {
            None => parts.push(Part { column: name, prefix, becomes: None }),
            Some(Source::Was(column, becomes)) => parts.push(Part { column, prefix, becomes: *becomes }),
            Some(Source::Either) => unclear = true,
            Some(Source::Added(column)) => match filling(column) {
                Filling::Counted => return Values::Differ,
                // A primary key makes its columns NOT NULL: they get the same value.
                Filling::Null if kind == KeyKind::Unique => return Values::Differ,
                Filling::Null | Filling::Same => {}
                Filling::Calculated => unclear = true,
            },
        }
    }
    let is_short = parts.iter().all(|part| is_short(part.column));
    if unclear || !is_short { Values::Unclear } else { Values::Of(parts) }
}

/// What rows that are there get in a new column.
enum Filling {
    Null,
    Same,
    Counted,
    Calculated,
}

fn filling(column: &ColumnDef) -> Filling {
    if column.auto_increment.is_some() {
        return Filling::Counted;
    }
    match column.default.as_ref().map(|default| &default.value) {
        _ if column.generated.is_some() => Filling::Calculated,
        Some(DefaultValue::Expression(_)) => Filling::Calculated,
        Some(DefaultValue::Null) | None if column.nullable => Filling::Null,
        _ => Filling::Same,
    }
}

impl Part<'_> {
    fn value(&self) -> String {
        let column = quoted(self.column);
        self.prefix.map_or_else(|| column.clone(), |letters| format!("LEFT({column}, {letters})"))
    }
}

/// The question to a server whether rows repeat: no row where none do, a row with [`NULL`] or [`TWICE`] where some stand in
/// the way.
#[must_use]
pub fn question(kind: KeyKind, table: &TableRef, parts: &[Part<'_>]) -> String {
    let table = table_of(table);
    if parts.is_empty() {
        return format!("SELECT {TWICE} FROM {table} LIMIT 1 OFFSET 1");
    }
    let values = values_of(parts);
    let twice = |condition: &str| {
        format!("SELECT {TWICE} FROM {table}{condition} GROUP BY {values} HAVING COUNT(*) > 1 LIMIT 1")
    };
    if kind == KeyKind::Primary {
        let null = each(parts, "IS NULL", " OR ");
        return format!("(SELECT {NULL} FROM {table} WHERE {null} LIMIT 1) UNION ALL ({})", twice(""));
    }
    twice(&format!(" WHERE {}", each(parts, "IS NOT NULL", " AND ")))
}

/// Two rows are alike.
pub const TWICE: u64 = 1;
/// A row has NULL where a primary key may have none.
pub const NULL: u64 = 2;

/// The query that lists the rows that repeat, for a person.
#[must_use]
pub fn repeats(table: &TableRef, parts: &[Part<'_>]) -> String {
    let (table, values) = (table_of(table), values_of(parts));
    let not_null = each(parts, "IS NOT NULL", " AND ");
    format!(
        "SELECT {values}, COUNT(*) FROM {table} WHERE {not_null} GROUP BY {values} HAVING COUNT(*) > 1 LIMIT {LISTED};"
    )
}

/// The query that lists the rows that have NULL, for a person.
#[must_use]
pub fn nulls(table: &TableRef, parts: &[Part<'_>]) -> String {
    format!("SELECT * FROM {} WHERE {} LIMIT {LISTED};", table_of(table), each(parts, "IS NULL", " OR "))
}

fn values_of(parts: &[Part<'_>]) -> String {
    parts.iter().map(Part::value).collect::<Vec<_>>().join(", ")
}

fn each(parts: &[Part<'_>], test: &str, between: &str) -> String {
    let tests: Vec<_> = parts.iter().map(|part| format!("{} {test}", quoted(part.column))).collect();
    tests.join(between)
}

fn table_of(table: &TableRef) -> String {
    let name = quoted(&table.table.text);
    table
        .database
        .as_ref()
        .map_or_else(|| name.clone(), |database| format!("{}.{name}", quoted(&database.text)))
}

/// A name as the server reads it, whatever is in it.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    fn asked(sql: &str) -> Vec<String> {
        let script = crate::read(sql).expect("a script");
        let Shape::AlterTable(alter) = &script.statements()[0].shape else { panic!("{sql}") };
        let told = |wanted: Wanted<'_>| match wanted.values {
            Values::Differ => "differ".to_owned(),
            Values::Unclear => "unclear".to_owned(),
            Values::Of(parts) => question(wanted.kind, &alter.table, &parts),
        };
        wanted(alter).into_iter().map(told).collect()
    }

    #[test]
    fn a_question_names_the_columns_as_they_are_before_the_statement() {
        for (sql, question) in [
            (
                "ALTER TABLE t ADD UNIQUE KEY (a, b(10))",
                "SELECT 1 FROM `t` WHERE `a` IS NOT NULL AND `b` IS NOT NULL GROUP BY `a`, LEFT(`b`, 10) HAVING COUNT(*) > 1 LIMIT 1",
            ),
            (
                "CREATE UNIQUE INDEX u ON `d``x`.t (`a``b`)",
                "SELECT 1 FROM `d``x`.`t` WHERE `a``b` IS NOT NULL GROUP BY `a``b` HAVING COUNT(*) > 1 LIMIT 1",
            ),
            (
                "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (a)",
                "(SELECT 2 FROM `t` WHERE `a` IS NULL LIMIT 1) UNION ALL (SELECT 1 FROM `t` GROUP BY `a` HAVING COUNT(*) > 1 LIMIT 1)",
            ),
            (
                "ALTER TABLE t CHANGE a b int, ADD c int NOT NULL DEFAULT 1, ADD UNIQUE (B, c)",
                "SELECT 1 FROM `t` WHERE `a` IS NOT NULL GROUP BY `a` HAVING COUNT(*) > 1 LIMIT 1",
            ),
            ("ALTER TABLE t ADD c int NOT NULL UNIQUE", "SELECT 1 FROM `t` LIMIT 1 OFFSET 1"),
            ("ALTER TABLE t ADD c int, ADD PRIMARY KEY (c)", "SELECT 1 FROM `t` LIMIT 1 OFFSET 1"),
            ("ALTER TABLE t ADD c int UNIQUE", "differ"),
            ("ALTER TABLE t ADD c int DEFAULT NULL, ADD UNIQUE (a, c)", "differ"),
            ("ALTER TABLE t ADD id bigint NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (id)", "differ"),
            ("ALTER TABLE t ADD c varchar(36) NOT NULL DEFAULT (uuid()) UNIQUE", "unclear"),
            ("ALTER TABLE t ADD UNIQUE ((lower(a)))", "unclear"),
            ("ALTER TABLE t ADD COLUMN IF NOT EXISTS c int NOT NULL, ADD UNIQUE (c)", "unclear"),
        ] {
            assert_eq!(asked(sql), [question], "{sql}");
        }
        assert_eq!(asked("ALTER TABLE t ADD KEY (a), ADD c int"), [""; 0]);
        assert_eq!(asked(&format!("ALTER TABLE t ADD UNIQUE ({})", "a".repeat(65))), [""; 0]);
    }
}
