//! Scripts tried on review servers of both families. One server plays both parts: the live one with its tables and rows, and
//! the review server with an account that may use nothing but shadows.

use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::wire::review::{TableDiff, TableFate};
use dbdesk_components::mysql::shadow::{Limits, Place, sweep, tried};
use dbdesk_review::{
    Settings,
    shadow::{Answer, Left, Outcome, Shadow},
};
use lab::{MariaDb, MySql, Server, until};
use sqlx::{ConnectOptions as _, mysql::MySqlConnectOptions};
use std::{
    io::{IsTerminal as _, Write as _},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

const SETUP: &str = "CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE DATABASE `other db`; USE shop;
    CREATE TABLE customers (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, mail VARCHAR(200) NOT NULL) COMMENT 'who buys';
    CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id BIGINT UNSIGNED NOT NULL, note VARCHAR(200),
        KEY idx_customer (customer_id), CONSTRAINT fk_customer FOREIGN KEY (customer_id) REFERENCES customers (id)) ENGINE=InnoDB;
    CREATE TABLE logs (id INT NOT NULL, day INT NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)
        (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
    CREATE TABLE notes (id INT PRIMARY KEY);
    CREATE VIEW open_orders AS SELECT id FROM orders;
    CREATE TABLE `other db`.prices (id INT PRIMARY KEY, cents INT);
    INSERT INTO customers (mail) VALUES ('a@x'), ('b@x'); INSERT INTO orders (customer_id) VALUES (1), (2);
    CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader-of-the-lab'; GRANT SELECT ON *.* TO reader@'127.0.0.1';
    CREATE USER shadow@'127.0.0.1' IDENTIFIED BY 'shadow-of-the-lab';
    GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON `dbdesk\\_shadow\\_%`.* TO shadow@'127.0.0.1';";

fn account(server: &Server, user: &str) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port())
        .username(user)
        .password(&format!("{user}-of-the-lab"))
}

/// A busy machine must not make a story fail.
fn roomy() -> Limits {
    Limits { connect: Duration::from_secs(20), total: Duration::from_secs(40), ..Limits::default() }
}

/// Trials so far.
static TRIALS: AtomicU32 = AtomicU32::new(0);

async fn try_with(server: &Server, sql: &str, limits: Limits) -> Result<Shadow> {
    let settings = Settings { database: Some("shop".into()), ..Settings::default() };
    let plan = dbdesk_review::read(sql)?.plan(&settings, 200);
    // Chance gives each trial its own mark; two of one mark in one millisecond would meet.
    let mark = TRIALS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let place = Place { live: account(server, "reader"), server: account(server, "shadow"), mark };
    Ok(tried(place, plan, limits, ()).await)
}

async fn trial(server: &Server, sql: &str) -> Result<Shadow> {
    let shadow = try_with(server, sql, roomy()).await?;
    ensure!(shadow.outcome == Outcome::Tried, "{sql}: {shadow:?}");
    ensure!(left_behind(server).await?.is_empty(), "{sql} leaves {}", left_behind(server).await?);
    Ok(shadow)
}

async fn left_behind(server: &Server) -> Result<String> {
    server.sql("SHOW DATABASES LIKE 'dbdesk\\_shadow\\_%'").await
}

fn answers(shadow: &Shadow) -> Vec<String> {
    let plain = |answer: &Answer| match answer {
        Answer::Refused(code, message) => format!("{code} {message}"),
        other => format!("{other:?}"),
    };
    shadow.answers.values().map(plain).collect()
}

fn diffs(shadow: &Shadow) -> Vec<&TableDiff> {
    shadow.tables.values().flatten().collect()
}

async fn later_statements_see_what_earlier_ones_did(server: &Server) -> Result<()> {
    let sql = "ALTER TABLE orders ADD COLUMN paid_at DATETIME NULL AFTER customer_id;
        ALTER TABLE orders ADD INDEX idx_paid_at (paid_at);
        UPDATE orders SET paid_at = NOW() WHERE id = 1;
        CREATE TABLE payments (id INT PRIMARY KEY, order_id BIGINT UNSIGNED NOT NULL,
            CONSTRAINT fk_order FOREIGN KEY (order_id) REFERENCES shop.orders (id));
        RENAME TABLE logs TO old_logs;
        ALTER TABLE `other db`.prices ADD COLUMN vat INT;
        DROP TABLE notes";
    let shadow = trial(server, sql).await?;
    assert!(shadow.answers.values().all(|answer| *answer == Answer::Accepted), "{:?}", answers(&shadow));
    let of = |table: &str| {
        diffs(&shadow)
            .into_iter()
            .find(|diff| diff.table == table)
            .with_context(|| format!("{table}: {shadow:?}"))
    };
    let orders = of("orders")?;
    assert_eq!((orders.fate, &*orders.database, shadow.tables[&1].len()), (TableFate::Changed, "shop", 1));
    let changed: Vec<&str> = orders.diff.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(changed.len(), 2, "{}", orders.diff);
    assert!(
        changed[0].starts_with("+  `paid_at` datetime") && changed[1].contains("KEY `idx_paid_at`"),
        "{}",
        orders.diff
    );
    assert!(!orders.diff.contains("AUTO_INCREMENT="), "{}", orders.diff);
    let payments = of("payments")?;
    assert_eq!(payments.fate, TableFate::Created);
    assert!(payments.diff.contains("REFERENCES `orders`"), "{}", payments.diff);
    assert_eq!(of("old_logs")?.was.as_deref(), Some("logs"));
    assert_eq!(of("notes")?.fate, TableFate::Dropped);
    assert_eq!(&*of("prices")?.database, "other db");
    assert!(!format!("{shadow:?}").contains("dbdesk_shadow"), "{shadow:?}");
    Ok(())
}

async fn what_fails_is_told_and_what_needs_it_is_not_tried(server: &Server) -> Result<()> {
    let sql = "ALTER TABLE customers ADD COLUMN age INT;
        ALTER TABLE orders ADD COLUMN note INT;
        ALTER TABLE orders ADD INDEX idx_note (note);
        UPDATE customers SET age = 1 WHERE id = 1;
        UPDATE customers SET aeg = 1 WHERE id = 1";
    let shadow = trial(server, sql).await?;
    let told = answers(&shadow);
    assert!(told[1].starts_with("1060 Duplicate column name 'note'"), "{told:?}");
    assert!(told[4].starts_with("1054 Unknown column 'aeg'"), "{told:?}");
    assert_eq!([&*told[0], &*told[2], &*told[3]], ["Accepted", "Behind(1)", "Accepted"]);
    assert_eq!(diffs(&shadow).len(), 1, "what ran before is shown: {shadow:?}");

    for (sql, begins) in [
        ("ALTER TABLE customers DROP COLUMN id", "1829"),
        ("DROP TABLE customers", ""),
        ("ALTER TABLE orders DROP INDEX idx_customer", "1553"),
        ("ALTER TABLE orders ADD COLUMN a INT AFTER nowhere", "1054"),
        ("ALTER TABLE orders ADD CONSTRAINT fk_x FOREIGN KEY (note) REFERENCES customers (id)", ""),
        ("ALTER TABLE logs DROP PRIMARY KEY, ADD PRIMARY KEY (id)", "1503"),
        ("ALTER TABLE shop.orders MODIFY note VARCHAR(70000)", "1074"),
        ("CREATE TABLE shop.orders (id INT PRIMARY KEY)", "1050"),
        ("CREATE TABLE t (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES nowhere (id))", ""),
        ("INSERT INTO orders (customer_id) SELECT id, mail FROM customers", "1136"),
    ] {
        let told = answers(&trial(server, sql).await?);
        let code = told[0].split(' ').next().unwrap_or_default();
        assert!(code.parse::<u16>().is_ok() && code.starts_with(begins), "{sql}: {told:?}");
        assert!(!told[0].contains("dbdesk_shadow"), "{sql}: {told:?}");
    }
    // The parent is there although nobody names it.
    assert_eq!(answers(&trial(server, "ALTER TABLE orders MODIFY note TEXT").await?), ["Accepted"]);
    Ok(())
}

async fn what_can_not_be_copied_is_left(server: &Server) -> Result<()> {
    let told = answers(&trial(server, "UPDATE open_orders SET id = 1 WHERE id = 2; CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://x@127.0.0.1:1/d/t'; ALTER TABLE t ADD b INT").await?);
    assert_eq!(told, ["Left(Uncopied)", "Left(Unsuited)", "Left(Uncopied)"]);
    let small = Limits { definition_bytes: 100, ..roomy() };
    assert_eq!(answers(&try_with(server, "ALTER TABLE orders ADD a INT", small).await?), ["Left(Uncopied)"]);
    let few = Limits { tables: 1, ..roomy() };
    let told = answers(
        &try_with(server, "ALTER TABLE customers ADD a INT; ALTER TABLE orders ADD a INT", few).await?,
    );
    assert_eq!(told, ["Accepted", "Left(Uncopied)"]);
    Ok(())
}

async fn nothing_outlasts_a_trial(server: &Server) -> Result<()> {
    let before =
        server.sql("CHECKSUM TABLE shop.orders, shop.customers; SHOW CREATE TABLE shop.orders").await?;
    // Two at once do not meet.
    let (left, right) = tokio::join!(
        try_with(server, "ALTER TABLE orders ADD a INT", roomy()),
        try_with(server, "ALTER TABLE orders ADD a INT; ALTER TABLE orders DROP COLUMN a", roomy())
    );
    assert_eq!((answers(&left?).len(), answers(&right?).len()), (1, 2));
    // The time is over in the middle: what is known is told, the rest is said not to be.
    let many = many();
    let short = Limits { total: Duration::from_millis(200), ..Limits::default() };
    let shadow = try_with(server, &many, short).await?;
    assert_eq!(shadow.outcome, Outcome::OutOfTime);
    assert_eq!(shadow.answers.len(), 199);
    assert_eq!(shadow.answers[&198], Answer::Left(Left::Time));
    assert!(left_behind(server).await?.is_empty(), "{}", left_behind(server).await?);
    let after =
        server.sql("CHECKSUM TABLE shop.orders, shop.customers; SHOW CREATE TABLE shop.orders").await?;
    assert_eq!(before, after);

    // What a crash leaves is swept when it is old, and nothing else.
    let [old, young] = ["dbdesk_shadow_1700000000000_0a0b0c0d_0", "dbdesk_shadow_4000000000000_0a0b0c0d_0"];
    server
        .sql(&format!("CREATE DATABASE {old}; CREATE DATABASE {young}; CREATE DATABASE dbdesk_shadow_of_bob"))
        .await?;
    let gone = sweep(&account(server, "shadow"), Duration::from_mins(1), Duration::from_secs(5)).await?;
    assert_eq!(gone, [old]);
    assert_eq!(left_behind(server).await?.lines().count(), 2);
    server.sql(&format!("DROP DATABASE {young}; DROP DATABASE dbdesk_shadow_of_bob")).await?;
    Ok(())
}

async fn all(server: &Server) -> Result<()> {
    server.sql(SETUP).await?;
    later_statements_see_what_earlier_ones_did(server).await?;
    what_fails_is_told_and_what_needs_it_is_not_tried(server).await?;
    what_can_not_be_copied_is_left(server).await?;
    nothing_outlasts_a_trial(server).await
}

fn many() -> String {
    let one = |n: u8| ["CREATE TABLE t_".to_owned(), n.to_string(), " (id INT PRIMARY KEY);\n".to_owned()];
    (0..199).flat_map(one).collect()
}

/// What the story below kills: a trial that takes long, on the server whose port it reads; alone it has nothing to do.
#[tokio::test]
async fn a_long_trial_on_the_server_that_is_told() -> Result<()> {
    let mut port = String::new();
    if !std::io::stdin().is_terminal() {
        std::io::stdin().read_line(&mut port)?;
    }
    if port.is_empty() {
        return Ok(());
    }
    let at = |user: &str| {
        let options = MySqlConnectOptions::new().host("127.0.0.1").username(user);
        Ok::<_, anyhow::Error>(options.port(port.trim().parse()?).password(&format!("{user}-of-the-lab")))
    };
    let settings = Settings { database: Some("shop".into()), ..Settings::default() };
    let plan = dbdesk_review::read(&many())?.plan(&settings, 200);
    let place = Place { live: at("reader")?, server: at("shadow")?, mark: [9; 4] };
    tried(place, plan, Limits { total: Duration::from_mins(1), ..Limits::default() }, ()).await;
    Ok(())
}

#[tokio::test]
async fn what_a_killed_process_leaves_is_swept_when_it_is_old_enough() -> Result<()> {
    let server = MariaDb::start().await?;
    server.sql(SETUP).await?;
    let mut child = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "a_long_trial_on_the_server_that_is_told"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()?;
    writeln!(child.stdin.take().context("a pipe")?, "{}", server.port())?;
    let begun =
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema LIKE 'dbdesk\\_shadow\\_%'";
    let killed = until("the trial to make tables", Duration::from_secs(30), || async {
        let tables: u32 = server.sql(begun).await?.parse()?;
        ensure!(tables > 2, "{tables} tables");
        Ok(())
    })
    .await;
    child.kill()?;
    child.wait()?;
    killed?;
    let limit = Duration::from_secs(10);
    let of = account(&server, "shadow");
    assert_eq!(left_behind(&server).await?.lines().count(), 1, "it was in the middle");
    assert_eq!(
        sweep(&of, Duration::from_mins(1), limit).await?,
        Vec::<String>::new(),
        "somebody may still use it"
    );
    assert_eq!(sweep(&of, Duration::ZERO, limit).await?.len(), 1);
    assert_eq!(left_behind(&server).await?, "");
    Ok(())
}

#[tokio::test]
async fn an_account_for_trials_reaches_nothing_else() -> Result<()> {
    let server = MariaDb::start().await?;
    server.sql(SETUP).await?;
    let mut connection = account(&server, "shadow").connect().await?;
    for sql in [
        "SELECT * FROM shop.orders",
        "CREATE DATABASE mine",
        "SELECT LOAD_FILE('/etc/passwd') IS NULL FROM mysql.user",
        "SET GLOBAL max_connections = 1",
        "DROP DATABASE shop",
    ] {
        let said = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await;
        assert!(said.is_err(), "{sql}");
    }
    Ok(())
}

#[tokio::test]
async fn a_mariadb_tries_a_script_and_keeps_nothing_of_it() -> Result<()> {
    let server = MariaDb::start().await?;
    all(&server).await
}

#[tokio::test]
async fn a_mysql_tries_a_script_and_keeps_nothing_of_it() -> Result<()> {
    let server = MySql::start().await?;
    all(&server).await
}
