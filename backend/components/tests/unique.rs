//! Whether rows stand in the way of a unique index: what a review says before, and what real servers do when the statement
//! runs.

use anyhow::Result;
use dbdesk_commands::wire::review::Level;
use dbdesk_components::mysql::facts::{Limits, gather};
use dbdesk_review::{
    Question, Settings,
    facts::{Ask, Repeats},
};
use lab::{MariaDb, MySql, Server};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

const RULE: &str = "unique-index-with-duplicates";

/// One letter case of a mail differs, one has a blank, and NULL stands twice; numbers are far apart.
const SETUP: &str = "CREATE DATABASE shop; USE shop;
    CREATE TABLE people (id INT NOT NULL, mail VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci,
        exact VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, phone VARCHAR(20), note TEXT, day DATE,
        `odd``name` INT NOT NULL, seen DATETIME(3), UNIQUE KEY uniq_phone (phone)) ENGINE=InnoDB;
    INSERT INTO people VALUES (1, 'a@x', 'a@x', NULL, 'same begin, one', NULL, 1, '2026-01-01 00:00:00.100'),
        (2, 'A@X', 'A@X', NULL, 'same begin, two', NULL, 1, '2026-01-01 00:00:00.200'), (3, NULL, NULL, '3', NULL, NULL, 3, NULL);
    CREATE TABLE nobody (id INT NOT NULL, mail VARCHAR(100)) ENGINE=InnoDB;
    CREATE TABLE one (id INT NOT NULL) ENGINE=InnoDB; INSERT INTO one VALUES (1);";

/// What is altered, and what the review says of it. What is an error the server must refuse; where the review is silent
/// it must not.
const CASES: [(&str, Option<Level>); 20] = [
    ("ALTER TABLE people ADD UNIQUE KEY u (mail)", Some(Level::Error)),
    ("CREATE UNIQUE INDEX u ON people (mail)", Some(Level::Error)),
    ("ALTER TABLE people ADD UNIQUE KEY u (exact)", None),
    ("ALTER TABLE people ADD UNIQUE KEY u (mail, exact)", None),
    ("ALTER TABLE people ADD UNIQUE KEY u (day)", None),
    ("ALTER TABLE people ADD UNIQUE KEY u (mail, day)", None),
    ("ALTER TABLE people ADD UNIQUE KEY u (note(10))", Some(Level::Error)),
    ("ALTER TABLE people ADD UNIQUE KEY u (note(15))", None),
    ("ALTER TABLE people ADD UNIQUE KEY u (`odd``name`)", Some(Level::Error)),
    (
        "ALTER TABLE people CHANGE mail address VARCHAR(100) COLLATE utf8mb4_general_ci, ADD UNIQUE KEY u (address)",
        Some(Level::Error),
    ),
    ("ALTER TABLE people ADD PRIMARY KEY (id)", None),
    ("ALTER TABLE people ADD PRIMARY KEY (phone)", Some(Level::Error)),
    ("ALTER TABLE people ADD PRIMARY KEY (exact)", Some(Level::Error)),
    ("ALTER TABLE people ADD PRIMARY KEY (`odd``name`)", Some(Level::Error)),
    ("ALTER TABLE people ADD COLUMN code INT NOT NULL UNIQUE", Some(Level::Error)),
    ("ALTER TABLE people ADD COLUMN code INT, ADD UNIQUE KEY u (code)", None),
    ("ALTER TABLE people ADD COLUMN code INT, ADD PRIMARY KEY (code)", Some(Level::Error)),
    ("ALTER TABLE people ADD COLUMN no INT NOT NULL AUTO_INCREMENT UNIQUE", None),
    ("ALTER TABLE one ADD COLUMN code INT NOT NULL UNIQUE", None),
    ("ALTER TABLE nobody ADD PRIMARY KEY (mail), ADD UNIQUE KEY u (id)", None),
];

/// Of these nobody knows beforehand.
const UNKNOWN: [&str; 4] = [
    "ALTER TABLE people MODIFY exact VARCHAR(100) COLLATE utf8mb4_general_ci, ADD UNIQUE KEY u (exact)",
    "ALTER TABLE people MODIFY seen DATETIME, ADD UNIQUE KEY u (seen)",
    "ALTER TABLE people CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, ADD UNIQUE KEY u (mail)",
    "UPDATE people SET mail = NULL WHERE id = 2; ALTER TABLE people ADD UNIQUE KEY u (mail)",
];

async fn level(server: &Server, sql: &str) -> Result<Option<Level>> {
    let options: MySqlConnectOptions = server.url("shop").parse()?;
    let settings = Settings { database: Some("shop".into()), ..Settings::default() };
    let script = dbdesk_review::read(sql)?;
    let facts = gather(&options, &script.questions(&settings), &Limits::default()).await?;
    let judged = dbdesk_review::judge(&script, &facts, &settings);
    let found = judged.findings().find(|found| found.rule == RULE).cloned();
    // What the finding shows is a query that runs.
    if let Some((_, shown)) = found.as_ref().and_then(|found| found.fix.en.split_once(": SELECT ")) {
        let listed = server.sql(&format!("USE shop; SELECT {shown}")).await?;
        let unknown = found.as_ref().is_some_and(|found| found.level == Level::NeedsDba);
        anyhow::ensure!(unknown || !listed.trim().is_empty(), "it lists nothing: SELECT {shown}");
    }
    Ok(found.map(|found| found.level))
}

async fn says_what_the_server_does(server: &Server) -> Result<()> {
    for (sql, expected) in CASES {
        server.sql(SETUP).await?;
        assert_eq!(level(server, sql).await?, expected, "{sql}");
        let ran = server.sql(&format!("SET sql_mode = 'STRICT_TRANS_TABLES'; USE shop; {sql}")).await;
        assert_eq!(ran.is_err(), expected.is_some(), "{sql}: {ran:?}");
        server.sql("DROP DATABASE shop").await?;
    }
    server.sql(SETUP).await?;
    for sql in UNKNOWN {
        assert_eq!(level(server, sql).await?, Some(Level::NeedsDba), "{sql}");
    }
    let ask = |index: usize, sql: &str| {
        Question::Repeats(Ask { index, database: Some("shop".into()), sql: sql.to_owned() }, 1)
    };
    let questions = [
        ask(0, "SELECT 1 FROM people WHERE SLEEP(30) GROUP BY mail HAVING COUNT(*) > 1 LIMIT 1"),
        ask(1, "SELECT 1 FROM nowhere GROUP BY mail HAVING COUNT(*) > 1 LIMIT 1"),
    ];
    let limits = Limits { each: Duration::from_millis(300), ..Limits::default() };
    let options: MySqlConnectOptions = server.url("shop").parse()?;
    let facts = gather(&options, &questions, &limits).await?;
    assert_eq!(facts.repeats[&0][&1], Repeats::TimedOut);
    assert!(matches!(facts.repeats[&1][&1], Repeats::Failed(1146, _)), "{:?}", facts.repeats);
    let none = Limits { statements: 0, ..limits };
    let facts = gather(&options, &questions, &none).await?;
    assert_eq!(facts.repeats[&0][&1], Repeats::Skipped);
    Ok(())
}

#[tokio::test]
async fn a_mariadb_does_what_the_review_says_of_its_rows() -> Result<()> {
    says_what_the_server_does(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn a_mysql_does_what_the_review_says_of_its_rows() -> Result<()> {
    says_what_the_server_does(&*MySql::start().await?).await
}
