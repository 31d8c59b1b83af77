//! Statements on real servers of both dialects.

mod parts;

use anyhow::Result;
use dbdesk_commands::id::TicketId;
use dbdesk_components::mysql::{
    fence::Fence,
    look::{Look, Running, Sight},
    target::{OpenError, Readiness, Session, StatementError, kill_query},
};
use lab::{MariaDb, MySql, Server};
use parts::options;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);

fn fence(ticket: u64) -> Fence {
    Fence::new(TicketId(ticket), chrono::DateTime::UNIX_EPOCH)
}

async fn a_script_runs(server: &Server) -> Result<()> {
    server.sql("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(3))").await?;
    server.sql("SET GLOBAL sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES,ANSI_QUOTES')").await?;
    let mut session = Session::open(&options(server), "shop", Some(fence(1)), LIMIT).await?;
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
    let mut look = Look::open(&options(server), session.id(), LIMIT).await?.unwrap();
    assert!(matches!(look.see(LIMIT).await?, Sight::There(_)));
    server.sql("SET GLOBAL read_only = 1").await?;
    assert_eq!(session.readiness(LIMIT).await, Readiness::ReadOnly);
    assert_eq!(
        Session::open(&options(server), "shop", Some(fence(1)), LIMIT).await.unwrap_err(),
        OpenError::ReadOnly
    );
    let id = session.id();
    session.close(LIMIT).await;
    lab::until("the connection to be gone", LIMIT, || async {
        let mut look = Look::open(&options(server), id, LIMIT).await?.unwrap();
        anyhow::ensure!(look.see(LIMIT).await? == Sight::Gone, "connection {id} is still there");
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
    let mut session = Session::open(&options(&server), "shop", Some(fence(1)), LIMIT).await?;
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

async fn an_idle_session_of_the_same_ticket_is_ended_and_one_that_works_is_waited_for(
    server: &Server,
) -> Result<()> {
    server.sql("CREATE DATABASE shop; CREATE TABLE shop.t (v INT)").await?;
    let open = async |ticket| Session::open(&options(server), "shop", Some(fence(ticket)), LIMIT).await;
    let mut first = open(1).await?;
    let mut other = open(2).await?;
    let mut second = open(1).await?;
    let late = first.run("INSERT INTO t VALUES (1)").await.unwrap_err();
    assert!(matches!(&late, StatementError::Lost(_) | StatementError::Server { code: 4031, .. }), "{late}");
    assert_eq!(other.run("INSERT INTO t VALUES (2)").await?, 1);
    let id = second.id();
    let working = tokio::spawn(async move { second.run("INSERT INTO t SELECT 3 + SLEEP(2)").await });
    lab::until("the statement to run", LIMIT, || async {
        let list = server.sql("SHOW FULL PROCESSLIST").await?;
        anyhow::ensure!(list.contains("SLEEP(2)"), "{list}");
        Ok(())
    })
    .await?;
    let told = open(1).await.unwrap_err();
    assert!(
        told.to_string().contains(&format!("connection {id} of an earlier try of this ticket still works")),
        "{told}"
    );
    working.await??;
    // Its client is gone by then, or it is idle.
    let mut third = open(1).await?;
    assert_eq!(third.run("INSERT INTO t VALUES (4)").await?, 1);
    assert_eq!(server.sql("SELECT GROUP_CONCAT(v ORDER BY v) FROM shop.t").await?, "2,3,4");
    Ok(())
}

#[tokio::test]
async fn a_ticket_has_one_session_on_mariadb() -> Result<()> {
    an_idle_session_of_the_same_ticket_is_ended_and_one_that_works_is_waited_for(&*MariaDb::start().await?)
        .await
}

#[tokio::test]
async fn a_ticket_has_one_session_on_mysql() -> Result<()> {
    an_idle_session_of_the_same_ticket_is_ended_and_one_that_works_is_waited_for(&*MySql::start().await?)
        .await
}

#[tokio::test]
async fn a_server_that_dies_in_a_statement_leaves_it_unknown_and_is_then_unreachable() -> Result<()> {
    let mut server = MariaDb::start().await?;
    server.sql("CREATE DATABASE shop").await?;
    let target = options(&server);
    let mut session = Session::open(&target, "shop", Some(fence(1)), LIMIT).await?;
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
    let away = Session::open(&target, "shop", Some(fence(1)), LIMIT).await.unwrap_err();
    assert!(matches!(away, OpenError::Unreachable(_)), "{away}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_database_or_password_is_refused_not_tried_again() -> Result<()> {
    let server = MariaDb::start().await?;
    let unknown = Session::open(&options(&server), "nowhere", Some(fence(1)), LIMIT).await.unwrap_err();
    assert!(matches!(unknown, OpenError::Refused { code: 1049, .. }), "{unknown}");
    let stranger = options(&server).password("wrong");
    let refused = Session::open(&stranger, "mysql", Some(fence(1)), LIMIT).await.unwrap_err();
    assert!(matches!(refused, OpenError::Refused { code: 1045, .. }), "{refused}");
    assert!(!refused.to_string().contains("wrong"), "{refused}");
    Ok(())
}

/// Looks until what is seen of `id` is as wanted.
async fn sees(server: &Server, id: u64, what: &str, wanted: impl Fn(&Running) -> bool) -> Result<()> {
    lab::until(what, LIMIT, || async {
        let mut look = Look::open(&options(server), id, LIMIT).await?.unwrap();
        let sight = look.see(LIMIT).await?;
        anyhow::ensure!(matches!(&sight, Sight::There(running) if wanted(running)), "{sight:?}");
        Ok(())
    })
    .await
}

async fn a_lock_wait_names_who_holds_the_lock(server: &Server, of_a_table: bool) -> Result<()> {
    server.sql("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v INT); INSERT shop.t VALUES (1, 0)").await?;
    let mut holder = Session::open(&options(server), "shop", Some(fence(1)), LIMIT).await?;
    let mut waiter = Session::open(&options(server), "shop", Some(fence(2)), LIMIT).await?;
    let (by, id) = (holder.id(), waiter.id());
    holder.run("START TRANSACTION").await?;
    holder.run("UPDATE t SET v = 1 WHERE id = 1").await?;
    let waiting = tokio::spawn(async move { (waiter.run("UPDATE t SET v = 2 WHERE id = 1").await, waiter) });
    sees(server, id, "a row lock with its holder", |running| {
        running.blocker.as_ref().is_some_and(|blocker| blocker.connection == by)
    })
    .await?;
    holder.run("COMMIT").await?;
    let (ran, mut waiter) = waiting.await?;
    assert_eq!(ran?, 1);
    holder.run("START TRANSACTION").await?;
    holder.run("SELECT * FROM t").await?;
    let waiting = tokio::spawn(async move { waiter.run("ALTER TABLE t ADD c INT").await });
    sees(server, id, "a wait for the table's lock", |running| {
        let named = running.blocker.as_ref().is_some_and(|blocker| blocker.connection == by);
        running.stage == "Waiting for table metadata lock" && named == of_a_table
    })
    .await?;
    holder.run("COMMIT").await?;
    waiting.await??;
    Ok(())
}

#[tokio::test]
async fn who_holds_the_lock_is_seen_on_mariadb() -> Result<()> {
    a_lock_wait_names_who_holds_the_lock(&*MariaDb::start().await?, false).await
}

#[tokio::test]
async fn who_holds_the_lock_is_seen_on_mysql() -> Result<()> {
    let server = MySql::builder().arg("--performance-schema=1").start().await?;
    a_lock_wait_names_who_holds_the_lock(&server, true).await
}

#[tokio::test]
async fn an_alter_that_copies_tells_how_far_it_is_on_mariadb() -> Result<()> {
    let server = MariaDb::start().await?;
    server
        .sql(
            "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(200)); USE shop; \
        INSERT INTO t SELECT seq, REPEAT('x', 200) FROM seq_1_to_300000",
        )
        .await?;
    let mut session = Session::open(&options(&server), "shop", Some(fence(1)), LIMIT).await?;
    let id = session.id();
    let running = tokio::spawn(async move { session.run("ALTER TABLE t ADD c INT, ALGORITHM=COPY").await });
    sees(&server, id, "an estimate of how much is done", |running| {
        running.stage == "copy to tmp table" && running.permille.is_some_and(|done| done > 0)
    })
    .await?;
    running.await??;
    Ok(())
}
