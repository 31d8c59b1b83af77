//! What a statement touches and whether it may run twice: what the engine asks when it decides what may run side by side and
//! what may be tried again. Both are allow-lists.

use crate::{
    facts::TableName,
    questions::changed_tables,
    shape::{Shape, TableRef, Task},
};

/// The tables that a statement changes or reads, each `database.table` in lower case; `None` when not all of them are known.
#[must_use]
pub fn touches(shape: &Shape, database: Option<&str>) -> Option<Vec<String>> {
    let mut tables = changed_tables(shape);
    match shape {
        Shape::Insert(insert) => tables.extend(&insert.reads),
        Shape::Update(change) | Shape::Delete(change) => {
            tables.extend(&change.reads);
            tables.extend(change.tables.iter().map(|table| &table.name));
        }
        // What its query reads is not told.
        Shape::CreateTable(create) if create.select.is_some() => return None,
        Shape::CreateTable(create) => tables.extend(&create.like),
        Shape::RenameTable(pairs) => tables.extend(pairs.iter().map(|(_, new)| new)),
        Shape::Admin(admin) if admin.task == Task::Maintenance && !admin.tables.is_empty() => {
            tables.extend(&admin.tables);
        }
        Shape::AlterTable(_)
        | Shape::DropTable(_)
        | Shape::Truncate(_)
        | Shape::SetNames
        | Shape::Transaction => {}
        _ => return None,
    }
    let mut names: Vec<String> =
        tables.into_iter().map(|table| full_name(table, database)).collect::<Option<_>>()?;
    names.sort_unstable();
    names.dedup();
    Some(names)
}

fn full_name(table: &TableRef, database: Option<&str>) -> Option<String> {
    let TableName { database, table } = table.named(database);
    Some(format!("{}.{table}", database?).to_lowercase())
}

/// Whether the statement comes to the same when it runs again after it ran, or after it ran half way.
#[must_use]
pub fn is_repeatable(shape: &Shape) -> bool {
    match shape {
        Shape::CreateTable(create) => {
            create.if_not_exists && !create.or_replace && !create.temporary && create.select.is_none()
        }
        Shape::DropTable(drop) => drop.if_exists && !drop.temporary,
        Shape::StoredObject(object) => object.or_replace || object.if_exists,
        Shape::Admin(admin) => admin.task == Task::Maintenance,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::{Facts, Settings, judge, read};

    fn judged(sql: &str) -> Vec<(Option<Vec<String>>, bool)> {
        let settings = Settings { database: Some("Shop".to_owned()), ..Settings::default() };
        let judged = judge(&read(sql).unwrap(), &Facts::default(), &settings);
        judged.statements.into_iter().map(|statement| (statement.touches, statement.repeatable)).collect()
    }

    fn touched(sql: &str) -> Option<String> {
        judged(sql).remove(0).0.map(|tables| tables.join(" "))
    }

    #[test]
    fn every_table_that_is_changed_or_read_is_touched() {
        for (sql, tables) in [
            ("UPDATE Orders SET a = 1 WHERE id IN (SELECT id FROM x.picked)", "shop.orders x.picked"),
            ("INSERT INTO a SELECT * FROM b", "shop.a shop.b"),
            ("DELETE o FROM orders o JOIN users u ON u.id = o.user_id", "shop.orders shop.users"),
            ("RENAME TABLE a TO b, c.d TO c.e", "c.d c.e shop.a shop.b"),
            ("ALTER TABLE a ADD c INT", "shop.a"),
            ("CREATE TABLE n LIKE o", "shop.n shop.o"),
            ("SET NAMES utf8mb4", ""),
        ] {
            assert_eq!(touched(sql).as_deref(), Some(tables), "{sql}");
        }
    }

    #[test]
    fn what_is_not_known_touches_everything() {
        for sql in
            ["CREATE VIEW v AS SELECT 1", "CALL p()", "CREATE TABLE t AS SELECT * FROM u", "DROP DATABASE d"]
        {
            assert_eq!(touched(sql), None, "{sql}");
        }
    }

    #[test]
    fn only_what_certainly_comes_to_the_same_may_run_twice() {
        let repeatable = |sql: &str| judged(sql).iter().all(|(_, repeatable)| *repeatable);
        for sql in [
            "CREATE TABLE IF NOT EXISTS t (a INT)",
            "DROP TABLE IF EXISTS t",
            "CREATE OR REPLACE VIEW v AS SELECT 1",
            "ANALYZE TABLE t",
        ] {
            assert!(repeatable(sql), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (a INT)",
            "CREATE TABLE IF NOT EXISTS t AS SELECT * FROM u",
            "INSERT INTO t VALUES (1)",
            "UPDATE t SET a = 1 WHERE id = 1",
            "ALTER TABLE t ADD c INT",
            "TRUNCATE TABLE t",
            "what is this",
        ] {
            assert!(!repeatable(sql), "{sql}");
        }
    }
}
