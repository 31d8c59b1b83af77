//! A review from the text to the findings, with real servers answering its questions, by an account that may do
//! everything: nothing may change all the same.

use anyhow::Result;
use dbdesk_commands::wire::review::{AffectedRows, Level};
use dbdesk_components::mysql::facts::{Limits, gather};
use dbdesk_review::{
    Judged, PolicyLimits, Question, Settings,
    facts::{Ask, Prepared},
};
use lab::{MariaDb, MySql, Server};
use sqlx::mysql::MySqlConnectOptions;

const SETUP: &str = "CREATE DATABASE shop; USE shop;
    CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL, note VARCHAR(200),
        KEY idx_user_id (user_id)) ENGINE=InnoDB;
    CREATE TABLE users (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(40)) ENGINE=InnoDB;
    CREATE TABLE numbers (n INT PRIMARY KEY);
    INSERT INTO numbers VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
    INSERT INTO orders (user_id, note) SELECT a.n, 'x' FROM numbers a, numbers b, numbers c, numbers d;
    INSERT INTO users SELECT n, 'somebody' FROM numbers;";

async fn review(server: &Server, sql: &str) -> Result<Judged> {
    let options: MySqlConnectOptions = server.url("shop").parse()?;
    let settings = Settings { database: Some("shop".into()), ..Settings::default() };
    let script = dbdesk_review::read(sql)?;
    let facts = gather(&options, &script.questions(&settings), &Limits::default()).await?;
    Ok(dbdesk_review::judge(&script, &facts, &settings))
}

async fn rules(server: &Server, sql: &str) -> Result<Vec<String>> {
    Ok(review(server, sql).await?.findings().map(|found| found.rule.to_string()).collect())
}

async fn tells_what_the_server_knows(server: &Server) -> Result<()> {
    server.sql(SETUP).await?;
    let before = server
        .sql("CHECKSUM TABLE shop.orders, shop.users; SHOW CREATE TABLE shop.orders; SHOW TABLES IN shop")
        .await?;

    // What is small and understood passes without a person.
    let small = review(server, "UPDATE LOW_PRIORITY orders SET note = 'y' WHERE id BETWEEN 5 AND 9").await?;
    assert_eq!(small.worst(), None, "{small:?}");
    assert!(small.within_policy(&PolicyLimits::default()), "{small:?}");
    let plan = small.statements[0].plan.as_ref().expect("figures");
    assert_eq!(plan.affected_rows, Some(AffectedRows::Exactly(5)));
    assert_eq!(plan.key.as_deref(), Some("PRIMARY"));
    assert!(plan.table_bytes.is_some_and(|bytes| bytes > 0) && plan.estimated_rows.is_some(), "{plan:?}");
    let ddl = review(
        server,
        "ALTER TABLE orders ADD COLUMN paid_at DATETIME NULL, ADD INDEX idx_paid_at (paid_at)",
    )
    .await?;
    assert!(ddl.within_policy(&PolicyLimits::default()), "{ddl:?}");

    // 1,000 rows are counted, not estimated; one more needs a DBA.
    assert_eq!(rules(server, "DELETE FROM orders WHERE user_id = 3").await?, Vec::<String>::new());
    assert_eq!(
        rules(server, "DELETE FROM orders WHERE user_id = 3 OR id = 1").await?,
        ["too-many-affected-rows"]
    );
    let join =
        "UPDATE orders o JOIN users u ON u.id = o.user_id SET o.note = u.name WHERE u.id = 3 AND o.id < 500";
    assert_eq!(rules(server, join).await?, Vec::<String>::new());
    assert_eq!(
        rules(server, "DELETE o, u FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = 3").await?,
        ["too-many-affected-rows", "several-tables-changed"],
        "a thousand joined rows of two tables may be more"
    );
    let copied = rules(server, "INSERT INTO users (id, name) SELECT id + 100, note FROM orders").await?;
    assert!(copied.contains(&"too-many-affected-rows".to_owned()), "{copied:?}");

    // Names.
    assert_eq!(rules(server, "UPDATE ordres SET note = 'x' WHERE id = 1").await?, ["unknown-table"]);
    assert_eq!(rules(server, "UPDATE orders SET noet = 'x' WHERE id = 1").await?, ["unknown-column"]);
    assert_eq!(rules(server, "ALTER TABLE orders DROP INDEX idx_user").await?, ["unknown-index"]);
    assert_eq!(
        rules(server, "UPDATE orders SET note = 'x' WHERE id IN (SELECT u.idd FROM users u)").await?,
        ["server-refuses"]
    );
    assert_eq!(rules(server, "CREATE INDEX idx_user ON orders (user_id)").await?, ["redundant-index"]);
    assert_eq!(
        rules(server, "CREATE TABLE t (id INT PRIMARY KEY) COMMENT='x'; ALTER TABLE t ADD a INT").await?,
        ["column-without-comment", "alters-not-merged", "column-without-comment"]
    );

    // The server is the judge of syntax, and names the place.
    let broken = "-- 注释\nUPDATE orders\nSET note = 'x' WEHRE id = 1";
    let judged = review(server, broken).await?;
    let found = judged.findings().next().expect("a finding");
    assert_eq!((&*found.rule, found.level), ("syntax-error", Level::Error));
    assert!(broken[found.span.start..found.span.end].starts_with("WEHRE"), "{found:?}");
    assert_eq!(judged.statements[0].kind, "syntax_error");
    let odd = review(server, "CREATE PROCEDURE p() SELECT 1").await?;
    assert_eq!(odd.statements[0].kind, "create_procedure");
    assert_eq!(odd.worst(), Some(Level::NeedsDba), "{odd:?}");

    let view = "CREATE TABLE t (id INT PRIMARY KEY) COMMENT='x'; CREATE VIEW v AS SELECT id FROM t";
    assert_eq!(
        rules(server, view).await?,
        ["column-without-comment", "create-view"],
        "its table is there by then"
    );

    // Destructive statements are only asked about, in whatever way the server prepares them.
    let drop = review(server, "DROP TABLE users").await?;
    assert_eq!(drop.risk().word(), "high");
    review(server, "TRUNCATE TABLE orders; DROP DATABASE shop").await?;
    review(server, "CREATE TABLE made (id INT PRIMARY KEY); RENAME TABLE orders TO gone").await?;
    review(server, "CREATE VIEW v AS SELECT 1").await?;
    review(server, "ANALYZE TABLE orders; OPTIMIZE TABLE orders; CALL nothing(); DO SLEEP(0)").await?;
    review(server, "CREATE USER x@localhost; SET GLOBAL max_connections = 1; KILL 1; FLUSH TABLES").await?;
    review(
        server,
        "DELETE FROM orders; REPLACE INTO users (id) VALUES (1); INSERT INTO users (id) VALUES (99)",
    )
    .await?;
    let after = server
        .sql("CHECKSUM TABLE shop.orders, shop.users; SHOW CREATE TABLE shop.orders; SHOW TABLES IN shop")
        .await?;
    assert_eq!(before, after, "a review changed something");
    Ok(())
}

#[tokio::test]
async fn a_mariadb_tells_what_it_knows_and_is_not_changed() -> Result<()> {
    tells_what_the_server_knows(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn a_mysql_tells_what_it_knows_and_is_not_changed() -> Result<()> {
    tells_what_the_server_knows(&*MySql::start().await?).await
}

/// What the review's own tests call understood must be SQL for the servers too.
async fn parses(server: &Server, files: &[&str]) -> Result<()> {
    server.sql("CREATE DATABASE shop").await?;
    let options: MySqlConnectOptions = server.url("shop").parse()?;
    let statements: Vec<&str> = files.iter().flat_map(|file| file.lines()).collect();
    let ask = |(index, sql): (usize, &&str)| {
        Question::Syntax(Ask { index, database: None, sql: sql.trim_end_matches(';').to_owned() })
    };
    let questions: Vec<Question> = statements.iter().enumerate().map(ask).collect();
    let facts = gather(&options, &questions, &Limits::default()).await?;
    assert_eq!(facts.syntax.len(), statements.len(), "not all were asked in time");
    let broken: Vec<_> =
        facts.syntax.iter().filter(|(_, answer)| matches!(answer, Prepared::SyntaxError(_))).collect();
    assert!(broken.is_empty(), "{broken:#?}");
    Ok(())
}

const BOTH: &str = include_str!("../../review/tests/understood/both.sql");

#[tokio::test]
async fn a_mariadb_parses_what_the_review_understands() -> Result<()> {
    let own = include_str!("../../review/tests/understood/mariadb.sql");
    parses(&*MariaDb::start().await?, &[BOTH, own]).await
}

#[tokio::test]
async fn a_mysql_parses_what_the_review_understands() -> Result<()> {
    let own = include_str!("../../review/tests/understood/mysql.sql");
    parses(&*MySql::start().await?, &[BOTH, own]).await
}
