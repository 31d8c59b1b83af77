//! What an offline review can show of a trial: the tables of a schema file as the script leaves them, as far as the catalogue
//! knows them.

use super::diff;
use crate::{
    facts::{Facts, Key, KeyKind, KeyPart, Looked, Table, TableName},
    questions::changed_tables,
    read::Script,
    shape::TableRef,
    world::{Known, World},
};
use dbdesk_commands::wire::review::{TableDiff, TableFate};
use std::{collections::BTreeMap, fmt::Write as _};

/// The most tables that are shown.
const MAX_TABLES: usize = 100;

/// The tables of the schema that the script changes, by the statement that is the last to do so. `world` is what the script
/// leaves behind.
#[must_use]
pub fn changed(script: &Script, world: &World<'_>, facts: &Facts) -> BTreeMap<usize, Vec<TableDiff>> {
    let mut all: BTreeMap<usize, Vec<TableDiff>> = BTreeMap::new();
    if facts.live || !facts.complete {
        return all;
    }
    let mut last: BTreeMap<TableName, (&TableRef, usize)> = BTreeMap::new();
    for statement in script.statements().iter().filter(|statement| statement.shape.is_ddl()) {
        for table in changed_tables(&statement.shape) {
            let name = world.name(table);
            if last.len() < MAX_TABLES || last.contains_key(&name) {
                last.insert(name, (table, statement.index));
            }
        }
    }
    for (name, (table, index)) in last {
        let (Some(Looked::Found(before)), Known::Present(after)) = (facts.looked(&name), world.look(table))
        else {
            continue;
        };
        let texts = [before, after].map(|table| written(&name.table, table));
        let (diff, is_cut) =
            diff::unified(texts.first().map(String::as_str), texts.last().map(String::as_str));
        if !diff.is_empty() {
            let (database, table) = (name.database.unwrap_or_default(), name.table);
            let diff = TableDiff { database, table, was: None, fate: TableFate::Changed, diff, is_cut };
            all.entry(index).or_default().push(diff);
        }
    }
    all
}

/// A table as far as it is known, in the form of `SHOW CREATE TABLE`.
fn written(name: &str, table: &Table) -> String {
    let mut lines: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("  {} {}{null}", quoted(&column.name), column.data_type)
        })
        .collect();
    lines.extend(table.keys.iter().map(key));
    let mut out = format!("CREATE TABLE {} (\n{}\n)", quoted(name), lines.join(",\n"));
    // Writing to a String does not fail.
    if let Some(engine) = &table.engine {
        let _ = write!(out, " ENGINE={engine}");
    }
    if let Some(comment) = &table.comment {
        let _ = write!(out, " COMMENT='{}'", comment.replace('\'', "''"));
    }
    out
}

fn key(key: &Key) -> String {
    let parts: Vec<String> = key.parts.iter().map(part).collect();
    let kind = match key.kind {
        KeyKind::Primary => "PRIMARY KEY",
        KeyKind::Unique => "UNIQUE KEY",
        KeyKind::Plain => "KEY",
        KeyKind::FullText => "FULLTEXT KEY",
        KeyKind::Spatial => "SPATIAL KEY",
        KeyKind::Foreign => "FOREIGN KEY",
    };
    let name = match &key.name {
        Some(name) if key.kind != KeyKind::Primary => format!(" {}", quoted(name)),
        _ => String::new(),
    };
    format!("  {kind}{name} ({})", parts.join(", "))
}

fn part(part: &KeyPart) -> String {
    let column = if part.is_expression { format!("({})", part.column) } else { quoted(&part.column) };
    let prefix = part.prefix.map(|prefix| format!("({prefix})")).unwrap_or_default();
    format!("{column}{prefix}{}", if part.descending { " DESC" } else { "" })
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use crate::{Facts, Settings, judge, print};
    use dbdesk_commands::lang::Lang;

    fn printed(schema: &str, sql: &str, lang: Lang) -> String {
        let facts = Facts::of_schema(&crate::read(schema).expect("a schema"));
        let script = crate::read(sql).expect("a script");
        print::print("a.sql", sql, &judge(&script, &facts, &Settings::default()), lang)
    }

    const SCHEMA: &str =
        "CREATE TABLE t (id bigint NOT NULL PRIMARY KEY, a int, b varchar(20)) ENGINE=InnoDB COMMENT='x';";

    #[test]
    fn an_offline_review_shows_the_schema_s_tables_as_the_script_leaves_them() {
        let sql = "ALTER TABLE t DROP COLUMN a;\nALTER TABLE t ADD COLUMN c int COMMENT 'c', ADD INDEX idx_c (c);\n\
                   CREATE TABLE u (id int PRIMARY KEY) COMMENT='u';";
        for lang in [Lang::En, Lang::Zh] {
            let text = printed(SCHEMA, sql, lang);
            let from =
                text.find("`t`: before").or_else(|| text.find("`t`：变更")).expect("the table is shown");
            let shown = text.get(from..).and_then(|text| text.split("\n\n").next());
            insta::assert_snapshot!(shown.unwrap_or_default());
        }
    }

    #[test]
    fn without_a_change_or_a_schema_nothing_is_shown() {
        for (schema, sql) in
            [(SCHEMA, "UPDATE t SET a = 1 WHERE id = 1"), ("SET NAMES utf8", "ALTER TABLE t ADD c int")]
        {
            assert!(!printed(schema, sql, Lang::En).contains("before and after"), "{sql}");
        }
    }
}
