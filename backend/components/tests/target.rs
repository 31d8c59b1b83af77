//! Statements on real servers of both dialects.

use anyhow::Result;
use dbdesk_components::mysql::target::{OpenError, Readiness, Session, StatementError, is_there, kill_query};
use lab::{MariaDb, MySql, Server};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);

fn options(server: &Server) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port())
        .username(Server::USER)
        .password(server.password())
}

async fn a_script_runs(server: &Server) -> Result<()> {
    server.sql("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(3))").await?;
    server.sql("SET GLOBAL sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES,ANSI_QUOTES')").await?;
    let mut session = Session::open(&options(server), "shop", LIMIT).await?;
    assert_eq!(session.run("INSERT INTO t VALUES (1, 'a'), (2, \"b\")").await?, 2);
    // Read without NO_BACKSLASH_ESCAPES this is one string, as the review read it; with it, three statements.
    assert_eq!(session.run("UPDATE t SET v = 'x' WHERE v <> '\\'; DROP TABLE t; -- '").await?, 2);
    session.run("INSERT IGNORE INTO t VALUES (1, 'a')").await?;
    let warnings = session.warnings(LIMIT).await;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("Warning: Duplicate entry"), "{warnings:?}");
    let wrong = session.run("INSERT INTO nowhere VALUES (1)").await.unwrap_err();
    assert!(matches!(wrong, StatementError::Server { code: 1146, .. }), "{wrong}");
    assert_eq!(session.readiness(LIMIT).await, Readiness::Ready);
    assert!(is_there(&options(server), session.id(), LIMIT).await?);
    server.sql("SET GLOBAL read_only = 1").await?;
    assert_eq!(session.readiness(LIMIT).await, Readiness::ReadOnly);
    assert_eq!(Session::open(&options(server), "shop", LIMIT).await.unwrap_err(), OpenError::ReadOnly);
    let id = session.id();
    session.close(LIMIT).await;
    lab::until("the connection to be gone", LIMIT, || async {
        anyhow::ensure!(!is_there(&options(server), id, LIMIT).await?, "connection {id} is still there");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_script_runs_statement_by_statement_on_mariadb() -> Result<()> {
    a_script_runs(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn a_script_runs_statement_by_statement_on_mysql() -> Result<()> {
    a_script_runs(&*MySql::start().await?).await
}

#[tokio::test]
async fn a_running_statement_is_stopped_through_a_second_connection() -> Result<()> {
    let server = MariaDb::start().await?;
    server.sql("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT shop.t VALUES (1, 0)").await?;
    let mut session = Session::open(&options(&server), "shop", LIMIT).await?;
    let id = session.id();
    let running = tokio::spawn(async move { session.run("UPDATE t SET v = v + 1 + SLEEP(60)").await });
    lab::until("the statement to run", LIMIT, || async {
        let list = server.sql("SHOW FULL PROCESSLIST").await?;
        anyhow::ensure!(list.contains("SLEEP(60)"), "{list}");
        Ok(())
    })
    .await?;
    kill_query(&options(&server), id, LIMIT).await?;
    let stopped = running.await?.unwrap_err();
    assert!(matches!(stopped, StatementError::Server { code: 1317, .. }), "{stopped}");
    assert_eq!(server.sql("SELECT v FROM shop.t").await?, "0");
    Ok(())
}

#[tokio::test]
async fn a_server_that_dies_in_a_statement_leaves_it_unknown_and_is_then_unreachable() -> Result<()> {
    let mut server = MariaDb::start().await?;
    server.sql("CREATE DATABASE shop").await?;
    let target = options(&server);
    let mut session = Session::open(&target, "shop", LIMIT).await?;
    let running = tokio::spawn(async move { session.run("SELECT SLEEP(60)").await });
    lab::until("the statement to run", LIMIT, || async {
        let list = server.sql("SHOW FULL PROCESSLIST").await?;
        anyhow::ensure!(list.contains("SLEEP(60)"), "{list}");
        Ok(())
    })
    .await?;
    server.kill()?;
    let lost = running.await?.unwrap_err();
    assert!(matches!(lost, StatementError::Lost(_)), "{lost}");
    let away = Session::open(&target, "shop", LIMIT).await.unwrap_err();
    assert!(matches!(away, OpenError::Unreachable(_)), "{away}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_database_or_password_is_refused_not_tried_again() -> Result<()> {
    let server = MariaDb::start().await?;
    let unknown = Session::open(&options(&server), "nowhere", LIMIT).await.unwrap_err();
    assert!(matches!(unknown, OpenError::Refused { code: 1049, .. }), "{unknown}");
    let stranger = options(&server).password("wrong");
    let refused = Session::open(&stranger, "mysql", LIMIT).await.unwrap_err();
    assert!(matches!(refused, OpenError::Refused { code: 1045, .. }), "{refused}");
    assert!(!refused.to_string().contains("wrong"), "{refused}");
    Ok(())
}
