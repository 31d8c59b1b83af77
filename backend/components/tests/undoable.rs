//! Random statements on random tables with every type, run and taken back: each table is what it was, on servers of both dialects.

mod dml;
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_components::mysql::{
    facts::{Limits, gather},
    target::{Session, StatementError},
    undoable::{KeptError, Most, UndoError},
};
use dbdesk_review::{
    Facts, Question,
    facts::{Looked, TableName},
    read,
};
use dbdesk_undo::{Images, Lack, plan, restore};
use dml::Dml;
use lab::{MariaDb, MySql, Server};
use parts::options;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, Row as _, mysql::MySqlRow};
use std::{collections::BTreeMap, time::Duration};

const LIMIT: Duration = Duration::from_secs(10);
const MOST: Most = Most { rows: 1_000, bytes: 16 << 20 };

async fn session(server: &Server) -> Result<Session> {
    Ok(Session::open(&options(server), "shop", None, LIMIT).await?)
}

fn name(table: &str) -> TableName {
    TableName { database: Some("shop".into()), table: table.to_owned() }
}

async fn facts(server: &Server, tables: &[&str]) -> Result<Facts> {
    let questions: Vec<Question> = tables
        .iter()
        .flat_map(|table| [Question::Table(name(table)), Question::Along(name(table))])
        .collect();
    Ok(gather(&options(server), &questions, &Limits::default()).await?)
}

/// Runs it as a ticket would; gives what was kept.
async fn run(session: &mut Session, facts: &Facts, sql: &str) -> Result<Result<Vec<Images>, String>> {
    let script = read(sql).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    let kept = match plan(&script, &script.statements()[0], facts, (Some("shop"), MOST.rows)) {
        Ok(kept) => kept,
        Err(lack) => return Ok(Err(format!("lack: {}", lack.said().en))),
    };
    let mut images = Vec::new();
    let ran = session
        .run_kept(sql, &kept, (MOST, None), async |all: &[Images]| {
            images = all.to_vec();
            Ok::<_, std::convert::Infallible>(())
        })
        .await;
    Ok(match ran {
        Ok(_) => Ok(images),
        Err(KeptError::Statement(StatementError::Server { code, message })) => {
            Err(format!("{code}: {message}"))
        }
        Err(other) => anyhow::bail!("{other}: {sql}"),
    })
}

fn steps(images: &[Images]) -> Vec<restore::Step> {
    images.iter().rev().flat_map(|images| restore::steps(images, &[]).expect("what a server told")).collect()
}

async fn checksums(server: &Server, tables: &[&str]) -> Result<String> {
    sums(&mut MySqlConnection::connect_with(&options(server)).await?, tables).await
}

async fn sums(connection: &mut MySqlConnection, tables: &[&str]) -> Result<String> {
    let names: Vec<String> = tables.iter().map(|table| format!("shop.{table}")).collect();
    let text = format!("CHECKSUM TABLE {} EXTENDED", names.join(", "));
    let rows = sqlx::raw_sql(AssertSqlSafe(text)).fetch_all(connection).await?;
    let sum = |row: &MySqlRow| -> Result<String> {
        Ok(format!("{} {}", row.try_get::<String, _>(0)?, row.try_get_unchecked::<i64, _>(1)?))
    };
    Ok(rows.iter().map(sum).collect::<Result<Vec<_>>>()?.join(", "))
}

/// So many statements, and which ones: `UNDO_STATEMENTS`, `UNDO_SEED`.
#[expect(clippy::disallowed_methods, reason = "a longer run, and another one, is asked for by hand")]
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

async fn all_is_taken_back(server: &Server, is_mariadb: bool) -> Result<()> {
    let mut dml = Dml::new(asked("UNDO_SEED", 1), is_mariadb);
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    let (mut undone, mut rows, mut ran) = (0_u64, 0, 0_u64);
    server.sql("CREATE DATABASE shop CHARACTER SET utf8mb4").await?;
    let mut second = session(server).await?;
    let mut third = MySqlConnection::connect_with(&options(server)).await?;
    let many = asked("UNDO_STATEMENTS", 400);
    while ran < many {
        // Every so often other tables, and zero dates or none.
        let lenient = dml.one_in(2);
        server.sql(&format!("SET GLOBAL sql_mode = {}", if lenient { "''" } else { "DEFAULT" })).await?;
        server.sql("DROP DATABASE shop; CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop").await?;
        let tables = dml.tables(lenient);
        for table in &tables {
            let made = server.sql(&format!("USE shop; {table}")).await;
            made.with_context(|| table.clone())?;
        }
        let names = ["a", "b"];
        let facts = facts(server, &names).await?;
        let mut first = session(server).await?;
        for _ in 0..100 {
            if ran == many {
                break;
            }
            ran += 1;
            let sql = dml.statement();
            let before = sums(&mut third, &names).await?;
            let images = match run(&mut first, &facts, &sql).await? {
                Ok(images) => images,
                Err(why) => {
                    ensure!(sums(&mut third, &names).await? == before, "it failed and changed rows: {sql}");
                    *told
                        .entry(why.split_once(": ").map_or_else(|| why.clone(), |(code, _)| code.to_owned()))
                        .or_default() += 1;
                    continue;
                }
            };
            let steps = steps(&images);
            if let Err(error) = second.undo(&steps).await {
                anyhow::bail!("{error}\n{sql}\n{steps:#?}\n{images:#?}\n{tables:#?}");
            }
            let after = sums(&mut third, &names).await?;
            ensure!(after == before, "{sql}\n{steps:#?}\n{tables:#?}\n{before}\n{after}");
            undone += 1;
            rows += images.iter().map(|images| images.rows.len()).sum::<usize>();
            if dml.one_in(2) {
                // Ran and stays, so that the tables fill.
                let _ = first.run(&sql).await;
            }
        }
        first.close(LIMIT).await;
        second.close(LIMIT).await;
        second = session(server).await?;
    }
    eprintln!("{ran} statements, {undone} taken back ({rows} rows); not run: {told:#?}");
    ensure!(undone * 2 > ran, "most are to run: {told:#?}");
    Ok(())
}

#[tokio::test]
async fn what_ran_on_mariadb_is_taken_back_to_the_last_byte() -> Result<()> {
    let server = MariaDb::start().await?;
    all_is_taken_back(&server, true).await
}

#[tokio::test]
async fn what_ran_on_mysql_is_taken_back_to_the_last_byte() -> Result<()> {
    let server = MySql::start().await?;
    all_is_taken_back(&server, false).await
}

async fn shop(server: &Server, tables: &str) -> Result<(Session, Session)> {
    server.sql(&format!("CREATE DATABASE shop; USE shop; {tables}")).await?;
    Ok((session(server).await?, session(server).await?))
}

#[tokio::test]
async fn a_row_that_changed_since_is_not_overwritten_and_nothing_else_is_taken_back() -> Result<()> {
    let server = MariaDb::start().await?;
    let tables = "CREATE TABLE a (id INT PRIMARY KEY, v VARCHAR(9) COLLATE utf8mb4_general_ci); \
                  INSERT INTO a VALUES (1, 'a'), (2, 'b'), (3, 'c')";
    let (mut first, mut second) = shop(&server, tables).await?;
    let facts = facts(&server, &["a"]).await?;
    let images = run(&mut first, &facts, "UPDATE a SET v = 'x' WHERE id <= 2").await?.unwrap();
    // Another case only: equal by its collation, and yet another value.
    server.sql("UPDATE shop.a SET v = 'X' WHERE id = 2").await?;
    let before = checksums(&server, &["a"]).await?;
    assert_eq!(second.undo(&steps(&images)).await, Err(UndoError::Changed { at: 1, touched: 0 }));
    assert_eq!(checksums(&server, &["a"]).await?, before);
    Ok(())
}

#[tokio::test]
async fn nothing_is_changed_where_what_was_read_can_not_be_kept_or_is_too_much() -> Result<()> {
    let server = MariaDb::start().await?;
    let tables = "CREATE TABLE a (id INT PRIMARY KEY, v INT); INSERT INTO a VALUES (1, 1), (2, 2), (3, 3)";
    let (mut first, _) = shop(&server, tables).await?;
    let facts = facts(&server, &["a"]).await?;
    let before = checksums(&server, &["a"]).await?;
    let sql = "DELETE FROM a WHERE v > 0";
    let script = read(sql).unwrap();
    let kept = plan(&script, &script.statements()[0], &facts, (Some("shop"), MOST.rows)).unwrap();
    let full =
        first.run_kept(sql, &kept, (MOST, None), async |_: &[Images]| Err::<(), _>("the disk is full")).await;
    assert!(matches!(full, Err(KeptError::NotKept("the disk is full"))), "{full:?}");
    let keep = async |_: &[Images]| Ok::<_, std::convert::Infallible>(());
    let much = first.run_kept(sql, &kept, (Most { rows: 2, ..MOST }, None), keep).await;
    assert!(matches!(much, Err(KeptError::TooMuch)), "{much:?}");
    let much = first.run_kept(sql, &kept, (Most { bytes: 30, ..MOST }, None), keep).await;
    assert!(matches!(much, Err(KeptError::TooMuch)), "{much:?}");
    assert_eq!(checksums(&server, &["a"]).await?, before);
    assert_eq!(
        first.run_kept(sql, &kept, (MOST, None), keep).await.unwrap(),
        3,
        "the session is as good as before"
    );
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_taken_back_says_why() -> Result<()> {
    let server = MariaDb::start().await?;
    let tables = "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v INT, u INT UNIQUE); \
                  CREATE TABLE n (v INT); CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM; \
                  CREATE TABLE p (id INT PRIMARY KEY); \
                  CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE); \
                  CREATE TABLE t (id INT PRIMARY KEY); CREATE TRIGGER tr AFTER DELETE ON t FOR EACH ROW SET @x = 1; \
                  CREATE VIEW w AS SELECT id FROM a";
    shop(&server, tables).await?;
    let facts = facts(&server, &["a", "n", "m", "p", "c", "t", "w"]).await?;
    let of = |sql: &str| -> Option<Lack> {
        let script = read(sql).unwrap();
        plan(&script, &script.statements()[0], &facts, (Some("shop"), MOST.rows)).err()
    };
    let table = |table: &str| table.to_owned();
    for (sql, lack) in [
        ("UPDATE n SET v = 1", Lack::NoKey { table: table("n") }),
        ("DELETE FROM m", Lack::Engine { table: table("m"), engine: "MyISAM".into() }),
        ("DELETE FROM p WHERE id = 1", Lack::Cascade { table: table("p"), by: "c".into() }),
        ("DELETE FROM t", Lack::Trigger { table: table("t"), trigger: "tr".into() }),
        ("UPDATE w SET id = 1", Lack::Table { table: table("w") }),
        ("UPDATE x SET id = 1", Lack::Table { table: table("x") }),
        ("UPDATE a SET id = 1 WHERE v = 1", Lack::ChangesKey { table: table("a"), column: "id".into() }),
        ("DELETE FROM a LIMIT 1", Lack::Limit),
        ("DELETE FROM a ORDER BY v LIMIT 1", Lack::Limit),
        ("DELETE FROM a WHERE v < RAND()", Lack::ByChance { word: "RAND()".into() }),
        ("UPDATE a SET v = 1 WHERE v = @x", Lack::ByChance { word: "@".into() }),
        ("INSERT INTO a (v) SELECT v FROM n", Lack::Query),
        ("INSERT INTO a (id, v) VALUES (1 + 1, 2)", Lack::KeyNotWritten { table: table("a") }),
        ("REPLACE INTO a (v) VALUES (2)", Lack::KeyNotWritten { table: table("a") }),
        ("INSERT IGNORE INTO a (id) VALUES (2)", Lack::Form),
        ("DELETE FROM a WHERE id = 1 RETURNING id", Lack::Form),
        ("UPDATE a SET v = f(1)", Lack::Function { name: "f".into() }),
        ("INSERT INTO a (id, v) VALUES (1, g(1))", Lack::Function { name: "g".into() }),
    ] {
        assert_eq!(of(sql), Some(lack), "{sql}");
    }
    for sql in [
        "DELETE FROM a ORDER BY v, id LIMIT 1",
        "UPDATE p SET id = id WHERE 1 = 0",
        "INSERT INTO p VALUES (1)",
        "INSERT INTO a (v) VALUES (RAND())",
        "UPDATE a SET v = RAND() WHERE v < NOW()",
        "ALTER TABLE a ADD x INT",
    ] {
        let expected = (sql == "UPDATE p SET id = id WHERE 1 = 0")
            .then(|| Lack::ChangesKey { table: table("p"), column: "id".into() });
        assert_eq!(of(sql), expected, "{sql}");
    }
    Ok(())
}

async fn an_ordinary_account_may(server: &Server) -> Result<()> {
    let tables = "CREATE TABLE a (id INT PRIMARY KEY, v INT); INSERT INTO a VALUES (1, 1), (2, 2); \
                  CREATE USER 'plain'@'%' IDENTIFIED BY 'plain'; GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO 'plain'@'%'";
    shop(server, tables).await?;
    let plain = options(server).username("plain").password("plain");
    let mut session = Session::open(&plain, "shop", None, LIMIT).await?;
    let facts = facts(server, &["a"]).await?;
    let before = checksums(server, &["a"]).await?;
    let images = run(&mut session, &facts, "DELETE FROM a WHERE v < UNIX_TIMESTAMP(NOW())").await?.unwrap();
    session.undo(&steps(&images)).await?;
    assert_eq!(checksums(server, &["a"]).await?, before);
    let lenient = session.run("INSERT INTO a VALUES (9, 'no number')").await;
    assert!(lenient.is_err(), "the session is as strict as before");
    Ok(())
}

#[tokio::test]
async fn an_account_that_may_only_change_rows_does_all_of_it() -> Result<()> {
    let (mariadb, mysql) = tokio::try_join!(MariaDb::start(), MySql::start())?;
    an_ordinary_account_may(&mariadb).await?;
    an_ordinary_account_may(&mysql).await
}

async fn rows_that_came_to_refer_are_safe(server: &Server) -> Result<()> {
    let tables = "CREATE TABLE p (id INT PRIMARY KEY, v INT); \
                  CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON DELETE CASCADE); \
                  CREATE TABLE tree (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES tree (id) ON DELETE SET NULL)";
    let (mut first, mut second) = shop(server, tables).await?;
    let facts = facts(server, &["p", "tree"]).await?;
    for (table, sql, child) in [
        ("p", "INSERT INTO p VALUES (1, 1), (2, 2)", "INSERT INTO shop.c VALUES (1, 2)"),
        ("tree", "INSERT INTO tree VALUES (1, NULL), (2, NULL)", "INSERT INTO shop.tree VALUES (3, 2)"),
    ] {
        let empty = checksums(server, &[table]).await?;
        let images = run(&mut first, &facts, sql).await?.unwrap();
        let Some(Looked::Found(found)) = facts.looked(&name(table)) else { panic!("{table}") };
        let referrers = &found.along.as_ref().unwrap().referrers;
        assert_eq!(referrers.len(), 1);
        let steps: Vec<_> =
            images.iter().flat_map(|images| restore::steps(images, referrers).unwrap()).collect();
        server.sql(child).await?;
        let before = checksums(server, &["p", "c", "tree"]).await?;
        let undone = second.undo(&steps).await;
        assert!(matches!(undone, Err(UndoError::Changed { touched: 0, .. })), "{undone:?}");
        assert_eq!(checksums(server, &["p", "c", "tree"]).await?, before, "no row of another is gone");
        server.sql("DELETE FROM shop.c; DELETE FROM shop.tree WHERE id = 3").await?;
        second.undo(&steps).await?;
        assert_eq!(checksums(server, &[table]).await?, empty);
    }
    Ok(())
}

#[tokio::test]
async fn rows_that_came_to_refer_to_a_new_row_keep_it_from_being_taken_back() -> Result<()> {
    let (mariadb, mysql) = tokio::try_join!(MariaDb::start(), MySql::start())?;
    rows_that_came_to_refer_are_safe(&mariadb).await?;
    rows_that_came_to_refer_are_safe(&mysql).await
}
