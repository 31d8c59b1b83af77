//! Rows that were changed over a direct connection, read from the binary log of real servers: each value is what the server tells of the
//! row, and what takes them back leaves the table as it was.

mod dml;
mod parts;

use anyhow::{Context as _, Result, ensure};
use dbdesk_components::mysql::{
    binlog::{BinlogError, Bounds, Server as Log, Transaction, Wanted, read},
    facts::{Limits, gather},
    rows,
    target::Session,
};
use dbdesk_review::{
    Facts, Question,
    facts::{Looked, TableName},
};
use dbdesk_undo::{Images, Layout, fold::fold, rollback::Rollback};
use dml::Dml;
use lab::{MariaDb, MySql, Server};
use parts::options;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, MySqlConnection, Row as _};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);
const BOUNDS: Bounds = Bounds {
    rows: 10_000,
    bytes: 16 << 20,
    read: 1 << 30,
    open: LIMIT,
    time: Duration::from_mins(1),
    told: 10,
};
/// A replica that nobody else is.
const MARK: u32 = 0xFEED_0001;
/// Seconds between what happened before and what is wanted, so that the log tells them apart.
const APART_S: u32 = 1_000;

fn log(server: &Server) -> Log {
    Log {
        host: "127.0.0.1".into(),
        port: server.port(),
        user: Server::USER.into(),
        password: server.password().into(),
    }
}

async fn facts(server: &Server, table: &str) -> Result<Facts> {
    let name = TableName { database: Some("shop".into()), table: table.to_owned() };
    let questions = [Question::Table(name.clone()), Question::Along(name)];
    Ok(gather(&options(server), &questions, &Limits::default()).await?)
}

async fn wanted(server: &Server, table: &str, (from, until): (u32, u32), is_mariadb: bool) -> Result<Wanted> {
    let facts = facts(server, table).await?;
    let layout = Layout::now("shop", table, &facts).map_err(|lack| anyhow::anyhow!("{lack:?}"))?;
    let name = TableName { database: Some("shop".into()), table: table.to_owned() };
    let Some(Looked::Found(found)) = facts.looked(&name) else { anyhow::bail!("{table}") };
    Ok(Wanted { layout, columns: found.columns.clone(), is_mariadb, from, until })
}

async fn connection(server: &Server) -> Result<MySqlConnection> {
    Ok(MySqlConnection::connect_with(&options(server).database("shop")).await?)
}

/// The server's time, in seconds since 1970.
async fn now(connection: &mut MySqlConnection) -> Result<u32> {
    let row = sqlx::raw_sql("SELECT CAST(UNIX_TIMESTAMP() AS CHAR)").fetch_one(connection).await?;
    Ok(row.try_get::<String, _>(0)?.parse()?)
}

async fn sum(connection: &mut MySqlConnection, table: &str) -> Result<i64> {
    let text = AssertSqlSafe(format!("CHECKSUM TABLE shop.{table} EXTENDED"));
    Ok(sqlx::raw_sql(text).fetch_one(connection).await?.try_get_unchecked(1)?)
}

/// As if it happened then.
async fn at(connection: &mut MySqlConnection, second: u32) -> Result<()> {
    connection.execute(AssertSqlSafe(format!("SET SESSION timestamp = {second}"))).await?;
    Ok(())
}

fn images(wanted: &Wanted, transactions: &[Transaction]) -> Result<Vec<Images>> {
    let of = |one: &Transaction| Images { layout: wanted.layout.clone(), rows: one.rows.clone() };
    fold(transactions.iter().map(of)).map_err(|other| anyhow::anyhow!("{other:?}"))
}

/// What takes back what the log has in that time; nothing may have changed since.
async fn take_back(server: &Server, wanted: &Wanted) -> Result<u64> {
    let transactions = read(log(server), wanted.clone(), BOUNDS, MARK).await?;
    let images = images(wanted, &transactions)?;
    let now = rows::now(&options(server), &images, (LIMIT, LIMIT)).await?;
    let mut rollback = Rollback::default();
    for (images, now) in images.into_iter().zip(&now) {
        let shown = format!("{images:#?}\n{now:#?}");
        rollback.add(images, now, &[]).map_err(|unsound| anyhow::anyhow!("{unsound:?}"))?;
        ensure!(
            rollback.changed.is_empty(),
            "the log and the server differ: {:?}\n{shown}",
            rollback.changed
        );
    }
    let mut session = Session::open(&options(server), "shop", None, LIMIT).await?;
    session.undo(&rollback.steps).await.with_context(|| format!("{:#?}", rollback.steps))?;
    session.close(LIMIT).await;
    Ok(rollback.rows)
}

#[expect(clippy::disallowed_methods, reason = "a longer run, and another one, is asked for by hand")]
fn asked(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Random changes, some of them in one transaction, some rolled back.
async fn change(connection: &mut MySqlConnection, dml: &mut Dml, many: u64) -> Result<()> {
    let mut is_open = false;
    for _ in 0..many {
        if !is_open && dml.one_in(4) {
            connection.execute("START TRANSACTION").await?;
            is_open = true;
        }
        // Many hit a key that is there already.
        let _ = connection.execute(AssertSqlSafe(dml.statement())).await;
        if is_open && dml.one_in(3) {
            connection.execute(if dml.one_in(3) { "ROLLBACK" } else { "COMMIT" }).await?;
            is_open = false;
        }
    }
    connection.execute("COMMIT").await?;
    Ok(())
}

async fn all_comes_back(server: &Server, is_mariadb: bool) -> Result<()> {
    let mut dml = Dml::new(asked("UNDO_SEED", 1), is_mariadb);
    server.sql("CREATE DATABASE shop CHARACTER SET utf8mb4").await?;
    let mut rows = 0;
    let mut then = now(&mut connection(server).await?).await?;
    for _ in 0..asked("BINLOG_ROUNDS", 8) {
        let lenient = dml.one_in(2);
        server.sql(&format!("SET GLOBAL sql_mode = {}", if lenient { "''" } else { "DEFAULT" })).await?;
        server.sql("DROP DATABASE shop; CREATE DATABASE shop CHARACTER SET utf8mb4").await?;
        let tables = dml.tables(lenient);
        for table in &tables {
            server.sql(&format!("USE shop; {table}")).await.with_context(|| table.clone())?;
        }
        let mut first = connection(server).await?;
        change(&mut first, &mut dml, 30).await?;
        let (a, b) = (sum(&mut first, "a").await?, sum(&mut first, "b").await?);
        then += APART_S;
        at(&mut first, then).await?;
        change(&mut first, &mut dml, 40).await?;
        for (table, before) in [("a", a), ("b", b)] {
            let wanted = wanted(server, table, (then, then + APART_S - 1), is_mariadb).await?;
            rows += take_back(server, &wanted).await.with_context(|| format!("{tables:#?}"))?;
            ensure!(sum(&mut first, table).await? == before, "{table} is not as it was: {tables:#?}");
        }
    }
    eprintln!("{rows} rows came back");
    ensure!(rows > 0);
    Ok(())
}

#[tokio::test]
async fn what_mariadb_logged_is_taken_back_to_the_last_byte() -> Result<()> {
    let server = MariaDb::start().await?;
    all_comes_back(&server, true).await
}

#[tokio::test]
async fn what_mysql_logged_is_taken_back_to_the_last_byte() -> Result<()> {
    let server = MySql::start().await?;
    all_comes_back(&server, false).await
}

#[tokio::test]
async fn packed_logs_are_read_as_well() -> Result<()> {
    let mariadb = MariaDb::builder().arg("--log-bin-compress=1").arg("--log-bin-compress-min-len=10").start();
    let mysql = MySql::builder().arg("--binlog-transaction-compression=ON").start();
    let (mariadb, mysql) = tokio::try_join!(mariadb, mysql)?;
    all_comes_back(&mariadb, true).await?;
    all_comes_back(&mysql, false).await
}

/// One table with three rows of an hour ago, and a connection.
async fn shop(server: &Server) -> Result<(MySqlConnection, u32)> {
    server.sql("CREATE DATABASE shop; CREATE TABLE shop.a (id INT PRIMARY KEY, v VARCHAR(9))").await?;
    let mut connection = connection(server).await?;
    let then = now(&mut connection).await? + APART_S;
    connection.execute("INSERT INTO a VALUES (1, 'a'), (2, 'b'), (3, 'c')").await?;
    at(&mut connection, then).await?;
    Ok((connection, then))
}

async fn told(
    server: &Server,
    (from, until): (u32, u32),
    is_mariadb: bool,
) -> Result<Result<Vec<Transaction>, BinlogError>> {
    let wanted = wanted(server, "a", (from, until), is_mariadb).await?;
    Ok(read(log(server), wanted, BOUNDS, MARK).await)
}

async fn each_transaction_is_told(server: &Server, is_mariadb: bool) -> Result<()> {
    let (mut connection, then) = shop(server).await?;
    let number: u64 =
        sqlx::query_scalar("SELECT CAST(CONNECTION_ID() AS UNSIGNED)").fetch_one(&mut connection).await?;
    for sql in [
        "DELETE FROM a WHERE id = 1",
        "START TRANSACTION",
        "UPDATE a SET v = 'x' WHERE id = 2",
        "UPDATE a SET id = 9 WHERE id = 3",
        "COMMIT",
        "START TRANSACTION",
        "DELETE FROM a",
        "ROLLBACK",
    ] {
        connection.execute(sql).await?;
    }
    let told = told(server, (then, u32::MAX), is_mariadb).await??;
    assert_eq!(told.iter().map(|one| one.rows.len()).collect::<Vec<_>>(), [1, 3], "{told:#?}");
    assert!(told.iter().all(|one| one.at == then && one.gtid.is_some()), "{told:#?}");
    if is_mariadb {
        assert_eq!(told[0].statement.as_deref(), Some("DELETE FROM a WHERE id = 1"));
    } else {
        assert_eq!(told[0].thread, Some(u32::try_from(number)?));
        let who = told[0].who.as_deref().unwrap_or_default();
        assert!(who.starts_with("dbdesk@"), "{who}");
    }
    // Another key: one that went and one that came.
    let key = |values: &dbdesk_undo::Values| values[0].clone();
    let last: Vec<_> =
        told[1].rows.iter().map(|row| (row.before.as_ref().map(key), row.after.as_ref().map(key))).collect();
    let some = |key: &str| Some(Some(key.to_owned()));
    assert_eq!(last, [(some("2"), some("2")), (some("3"), None), (None, some("9"))]);
    Ok(())
}

#[tokio::test]
async fn each_transaction_is_told_as_far_as_the_server_tells_it() -> Result<()> {
    let (mariadb, mysql) = tokio::try_join!(MariaDb::start(), MySql::start())?;
    each_transaction_is_told(&mariadb, true).await?;
    each_transaction_is_told(&mysql, false).await
}

async fn xa(server: &Server, is_mariadb: bool) -> Result<()> {
    let (mut connection, then) = shop(server).await?;
    for (name, id, ends) in [
        ("gone", 1, "XA PREPARE 'gone'; XA ROLLBACK 'gone'"),
        ("made", 2, "XA PREPARE 'made'; XA COMMIT 'made'"),
        ("once", 3, "XA COMMIT 'once' ONE PHASE"),
        ("open", 1, "XA PREPARE 'open'"),
    ] {
        let sql = format!("XA START '{name}'; DELETE FROM a WHERE id = {id}; XA END '{name}'; {ends}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    }
    let told = told(server, (then, u32::MAX), is_mariadb).await??;
    let ids = told.iter().flat_map(|one| &one.rows).map(|row| row.before.as_ref().map(|row| row[0].clone()));
    let some = |id: &str| Some(Some(id.to_owned()));
    assert_eq!(ids.collect::<Vec<_>>(), [some("2"), some("3")], "{told:#?}");
    Ok(())
}

#[tokio::test]
async fn what_was_prepared_and_never_committed_did_not_happen() -> Result<()> {
    let (mariadb, mysql) = tokio::try_join!(MariaDb::start(), MySql::start())?;
    xa(&mariadb, true).await?;
    xa(&mysql, false).await
}

async fn what_can_not_be_told(server: &Server, is_mariadb: bool) -> Result<()> {
    let (mut connection, then) = shop(server).await?;
    let early = told(server, (1_000_000_000, u32::MAX), is_mariadb).await?;
    assert!(matches!(early, Err(BinlogError::TooOld { oldest }) if oldest > 1_700_000_000), "{early:?}");
    assert_eq!(told(server, (then, u32::MAX), is_mariadb).await?, Ok(Vec::new()));
    // In the log's next file.
    connection.execute("FLUSH BINARY LOGS").await?;
    connection.execute("DELETE FROM a WHERE id = 1").await?;
    assert_eq!(told(server, (then, u32::MAX), is_mariadb).await?.map(|all| all.len()), Ok(1));

    let wanted = wanted(server, "a", (then, u32::MAX), is_mariadb).await?;
    let few = Bounds { rows: 0, ..BOUNDS };
    assert_eq!(read(log(server), wanted.clone(), few, MARK).await, Err(BinlogError::TooManyRows));
    let little = Bounds { read: 100, ..BOUNDS };
    assert_eq!(read(log(server), wanted.clone(), little, MARK).await, Err(BinlogError::TooMuchLog));
    server.sql("CREATE USER nobody@'%' IDENTIFIED BY 'nobody'; GRANT SELECT ON shop.* TO nobody@'%'").await?;
    let nobody = Log { user: "nobody".into(), password: "nobody".into(), ..log(server) };
    let denied = read(nobody, wanted, BOUNDS, MARK).await;
    assert!(matches!(denied, Err(BinlogError::Denied(_))), "{denied:?}");

    at(&mut connection, then + 10).await?;
    connection.execute("ALTER TABLE a ADD KEY (v)").await?;
    let after = told(server, (then, u32::MAX), is_mariadb).await?;
    assert_eq!(after, Err(BinlogError::Restructured { at: Some(then + 10) }));
    assert_eq!(told(server, (then + 11, u32::MAX), is_mariadb).await?, Ok(Vec::new()));
    at(&mut connection, then + 20).await?;
    connection.execute("TRUNCATE TABLE a").await?;
    let emptied = told(server, (then + 11, u32::MAX), is_mariadb).await?;
    assert_eq!(emptied, Err(BinlogError::Emptied { at: then + 20 }));
    at(&mut connection, then + 30).await?;
    connection.execute("SET SESSION binlog_row_image = 'MINIMAL'").await?;
    connection.execute("INSERT INTO a VALUES (1, 'a'), (2, 'b')").await?;
    connection.execute("DELETE FROM a WHERE id = 1").await?;
    assert_eq!(told(server, (then + 21, u32::MAX), is_mariadb).await?, Err(BinlogError::Partial));
    if is_mariadb {
        at(&mut connection, then + 40).await?;
        connection.execute("SET SESSION binlog_format = 'STATEMENT'").await?;
        connection.execute("DELETE FROM a WHERE id = 2").await?;
        let logged = told(server, (then + 31, u32::MAX), is_mariadb).await?;
        assert_eq!(logged, Err(BinlogError::NotRows { at: then + 40 }));
    }
    Ok(())
}

#[tokio::test]
async fn what_the_log_can_not_tell_is_an_error_of_its_own() -> Result<()> {
    let (mariadb, mysql) = tokio::try_join!(MariaDb::start(), MySql::start())?;
    what_can_not_be_told(&mariadb, true).await?;
    what_can_not_be_told(&mysql, false).await?;
    let without =
        MySql::builder().arg("--skip-log-bin").arg("--gtid-mode=OFF").arg("--enforce-gtid-consistency=OFF");
    let without = without.start().await?;
    shop(&without).await?;
    assert_eq!(told(&without, (1_900_000_000, u32::MAX), false).await?, Err(BinlogError::Off));
    let statements = MariaDb::builder().arg("--binlog-format=STATEMENT").start().await?;
    shop(&statements).await?;
    let told = told(&statements, (1_900_000_000, u32::MAX), true).await?;
    assert_eq!(told, Err(BinlogError::Format { format: "STATEMENT".into() }));
    Ok(())
}
