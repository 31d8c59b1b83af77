//! The table of syntax by version agrees with real servers: each example is run on both.

use anyhow::{Context as _, Result};
use dbdesk_review::{Flavour, feature::Feature};
use lab::{MariaDb, MySql, Server};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _, mysql::MySqlConnection};

/// What the examples speak of; every example finds it as if it were the first.
const TABLES: &[&str] = &[
    "CREATE TABLE t (id int PRIMARY KEY, a int, b int, note json, KEY idx_a (a), CONSTRAINT ck_a CHECK (b > 0))",
    "CREATE TABLE r (id int PRIMARY KEY)",
    "INSERT INTO t (id, a) VALUES (1, 1), (2, 2)",
    "INSERT INTO r (id) VALUES (1)",
    "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id) \
     (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))",
];

/// What only a MariaDB can make.
const MARIADB_TABLES: &[&str] =
    &["CREATE TABLE q (id int, f date, u date, PERIOD FOR valid (f, u))", "CREATE SEQUENCE s"];

/// What a server says of syntax that it does not know: an error of syntax, an unknown type.
const NOT_KNOWN: [u16; 3] = [1064, 1800, 4161];

/// Other ways to write a feature than the example of the table.
const VARIANTS: &[(Feature, &str)] = &[
    (Feature::IndexVisibility, "ALTER TABLE t ALTER INDEX idx_a VISIBLE"),
    (Feature::IndexVisibility, "ALTER TABLE t ADD INDEX idx_b (b) INVISIBLE"),
    (Feature::IndexIgnored, "CREATE INDEX idx_b ON t (b) IGNORED"),
    (Feature::IndexIgnored, "ALTER TABLE t ALTER INDEX idx_a NOT IGNORED"),
    (Feature::FunctionalIndex, "CREATE TABLE n (id int, UNIQUE KEY uk_n ((id + 1)))"),
    (Feature::ExpressionDefault, "ALTER TABLE t ALTER COLUMN b SET DEFAULT (1 + 1)"),
    (Feature::ExpressionDefault, "CREATE TABLE n (id int DEFAULT (1))"),
    (Feature::CallAsDefault, "ALTER TABLE t ALTER COLUMN b SET DEFAULT abs(1)"),
    (Feature::Sequence, "ALTER TABLE r ALTER COLUMN id SET DEFAULT NEXT VALUE FOR s"),
    (Feature::InvisibleColumn, "CREATE TABLE n (id int, a int INVISIBLE)"),
    (Feature::SetInvisible, "ALTER TABLE t ALTER COLUMN a SET VISIBLE"),
    (Feature::Cte, "CREATE VIEW v AS WITH c AS (SELECT id FROM t) SELECT id FROM c"),
    (Feature::Cte, "DELETE FROM r WHERE id IN (WITH c AS (SELECT id FROM t) SELECT id FROM c)"),
    (Feature::Cte, "CREATE TABLE n AS WITH c AS (SELECT id FROM t) SELECT id FROM c"),
    (Feature::CteOfChange, "WITH c AS (SELECT id FROM t) DELETE FROM r WHERE id IN (SELECT id FROM c)"),
    (Feature::WindowFunction, "CREATE VIEW v AS SELECT SUM(a) OVER (PARTITION BY b) AS s FROM t"),
    (
        Feature::JsonTable,
        "UPDATE t JOIN JSON_TABLE('[1]', '$[*]' COLUMNS (i int PATH '$')) AS j ON j.i = t.id SET t.a = 3",
    ),
    (Feature::IntersectExcept, "INSERT INTO r (id) SELECT id + 9 FROM t INTERSECT SELECT id + 9 FROM r"),
    (Feature::RowAlias, "INSERT INTO t (id, a) VALUES (1, 2) AS new (x, y) ON DUPLICATE KEY UPDATE a = y"),
    (Feature::RowAlias, "INSERT INTO t SET id = 1, a = 2 AS new ON DUPLICATE KEY UPDATE a = new.a"),
    (Feature::ReturningOfInsert, "REPLACE INTO r (id) VALUES (8) RETURNING id"),
    (Feature::OrReplaceTable, "CREATE OR REPLACE TEMPORARY TABLE n (id int)"),
    (Feature::OrReplaceRoutine, "CREATE OR REPLACE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1"),
    (Feature::OrReplaceRoutine, "CREATE OR REPLACE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1"),
    (Feature::OrReplaceRoutine, "CREATE OR REPLACE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1"),
    (
        Feature::RoutineIfNotExists,
        "CREATE TRIGGER IF NOT EXISTS g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
    ),
    (Feature::RoutineIfNotExists, "CREATE FUNCTION IF NOT EXISTS f() RETURNS int DETERMINISTIC RETURN 1"),
    (Feature::IfExistsInAlter, "ALTER TABLE t DROP COLUMN IF EXISTS x"),
    (Feature::IfExistsInAlter, "ALTER TABLE t MODIFY COLUMN IF EXISTS x int"),
    (Feature::IfExistsInAlter, "ALTER TABLE t CHANGE IF EXISTS x y int"),
    (Feature::IfExistsInAlter, "ALTER TABLE t ADD INDEX IF NOT EXISTS idx_b (b)"),
    (Feature::IfExistsInAlter, "ALTER TABLE t DROP FOREIGN KEY IF EXISTS x"),
    (Feature::IfExistsInAlter, "ALTER TABLE parted DROP PARTITION IF EXISTS x"),
    (Feature::IndexIfExists, "DROP INDEX IF EXISTS x ON t"),
    (Feature::Sequence, "DROP SEQUENCE IF EXISTS s"),
    (Feature::SystemVersioning, "CREATE TABLE n (id int PRIMARY KEY) WITH SYSTEM VERSIONING"),
    (Feature::SystemVersioning, "CREATE TABLE n (id int WITH SYSTEM VERSIONING)"),
    (Feature::Period, "DELETE FROM q FOR PORTION OF valid FROM '2020-01-01' TO '2021-01-01'"),
    (Feature::JsonArrow, "UPDATE t SET a = note->'$.a' WHERE id = 1"),
    (Feature::AlterConstraint, "ALTER TABLE t ALTER CONSTRAINT ck_a ENFORCED"),
    (Feature::Enforced, "CREATE TABLE n (id int CHECK (id > 0) NOT ENFORCED)"),
    (Feature::WaitOfTable, "DROP TABLE r WAIT 1"),
    (Feature::WaitOfTable, "TRUNCATE TABLE r NOWAIT"),
    (Feature::WaitOfTable, "CREATE INDEX idx_b ON t (b) WAIT 1"),
    (Feature::WaitOfTable, "RENAME TABLE r NOWAIT TO n"),
];

async fn run(connection: &mut MySqlConnection, sql: &str) -> Result<(), sqlx::Error> {
    connection.execute(AssertSqlSafe(sql.to_owned())).await.map(|_| ())
}

fn number(error: &sqlx::Error) -> Option<u16> {
    let told = error.as_database_error()?;
    told.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>().map(sqlx::mysql::MySqlDatabaseError::number)
}

async fn make(connection: &mut MySqlConnection, is_mariadb: bool) -> Result<()> {
    let more = if is_mariadb { MARIADB_TABLES } else { &[] };
    for sql in ["DROP DATABASE IF EXISTS features", "CREATE DATABASE features", "USE features"]
        .iter()
        .chain(TABLES)
        .chain(more)
    {
        run(connection, sql).await.with_context(|| (*sql).to_owned())?;
    }
    Ok(())
}

async fn agrees(server: &Server) -> Result<()> {
    let mut connection = MySqlConnection::connect(&server.url("mysql")).await?;
    let version: String = connection.fetch_one("SELECT VERSION()").await?.try_get(0)?;
    let flavour = Flavour::of_version(&version).context("a version")?;
    let patch = Flavour::patch_of_version(&version);
    let mut wrong = Vec::new();
    let examples = Feature::ALL.iter().map(|feature| (*feature, feature.row().example));
    for (feature, example) in examples.chain(VARIANTS.iter().copied()) {
        make(&mut connection, flavour.is_mariadb()).await?;
        let script = dbdesk_review::read(example)?;
        let uses: Vec<_> = script.statements().iter().flat_map(|statement| &statement.uses).collect();
        if uses.is_empty() || uses.iter().any(|used| used.feature != feature) {
            wrong.push(format!("{feature:?}: {example} is read as {uses:?}"));
        }
        let lacks = feature.lack(flavour, patch).is_some();
        match run(&mut connection, example).await {
            Ok(()) if lacks => wrong.push(format!("{feature:?}: {version} runs it: {example}")),
            Err(error) if !lacks => wrong.push(format!("{feature:?}: {version} refuses {example}: {error}")),
            // What is lacking must be lacking as syntax, and not as a table of the example.
            Err(error) if !number(&error).is_some_and(|number| NOT_KNOWN.contains(&number)) => {
                wrong.push(format!("{feature:?}: {version} does not come to it: {example}: {error}"));
            }
            Ok(()) | Err(_) => {}
        }
    }
    anyhow::ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

#[tokio::test]
async fn a_mariadb_has_and_lacks_what_the_table_says() -> Result<()> {
    agrees(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn a_mysql_has_and_lacks_what_the_table_says() -> Result<()> {
    agrees(&*MySql::start().await?).await
}
