//! What a review asks, answered by real servers of both dialects, with an account that may only read.

use anyhow::Result;
use dbdesk_components::mysql::{
    OpenError,
    facts::{Limits, gather, gather_whole},
};
use dbdesk_review::{
    Question,
    facts::{Ask, Counted, Explained, Facts, KeyKind, Looked, Prepared, TableName},
};
use lab::{MariaDb, MySql, Server};
use sqlx::mysql::MySqlConnectOptions;
use std::time::Duration;

const SETUP: &str = "CREATE DATABASE shop; USE shop;
    CREATE TABLE customers (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, mail VARCHAR(200) NOT NULL,
        note TEXT, UNIQUE KEY uniq_mail (mail)) COMMENT 'who buys';
    CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, customer_id BIGINT UNSIGNED NOT NULL, note TEXT,
        KEY idx_customer (customer_id, note(10)), CONSTRAINT fk_c FOREIGN KEY (customer_id) REFERENCES customers (id));
    CREATE VIEW open_orders AS SELECT id FROM orders;
    INSERT INTO customers (mail) VALUES ('a@x'), ('b@x'), ('c@x');
    CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader-of-the-lab'; GRANT SELECT ON *.* TO reader@'127.0.0.1';";

fn reader(server: &Server) -> MySqlConnectOptions {
    MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(server.port())
        .username("reader")
        .password("reader-of-the-lab")
}

fn name(table: &str) -> TableName {
    TableName { database: Some("shop".into()), table: table.into() }
}

fn ask(index: usize, sql: &str) -> Ask {
    Ask { index, database: Some("shop".into()), sql: sql.into() }
}

async fn facts(server: &Server) -> Result<Facts> {
    server.sql(SETUP).await?;
    let questions = [
        Question::Table(name("customers")),
        Question::Table(name("orders")),
        Question::Table(name("open_orders")),
        Question::Table(name("nowhere")),
        Question::Syntax(ask(0, "UPDATE customers SET note = 'x' WHERE id = 1")),
        Question::Syntax(ask(1, "UPDATE customers SETT note = 'x'")),
        Question::Syntax(ask(2, "SELECT nothing FROM customers")),
        Question::Explain(ask(7, "UPDATE customers SET note = 'x' WHERE id = 2")),
        Question::Count(ask(7, "SELECT COUNT(*) FROM (SELECT 1 FROM customers WHERE id = 2 LIMIT 1001) x")),
        Question::Explain(ask(6, "SELECT 1 FROM customers WHERE id = 2")),
        Question::Count(ask(3, "SELECT COUNT(*) FROM (SELECT 1 FROM customers WHERE id > 1 LIMIT 1001) x")),
        Question::Count(ask(4, "SELECT COUNT(*) FROM (SELECT SLEEP(30) FROM customers LIMIT 1001) x")),
        Question::Count(ask(5, "SELECT COUNT(*) FROM (SELECT 1 FROM nowhere LIMIT 1001) x")),
    ];
    let limits = Limits { each: Duration::from_millis(300), ..Limits::default() };
    let facts = gather(&reader(server), &questions, &limits).await?;
    let left = server.sql("SELECT COUNT(*) FROM shop.customers WHERE note IS NOT NULL").await?;
    assert!(left.contains('0'), "a question changed something: {left}");
    Ok(facts)
}

fn check(facts: &Facts) {
    assert_eq!(facts.tables[&name("nowhere")], Looked::Absent);
    let Looked::Found(customers) = &facts.tables[&name("customers")] else { panic!("customers: {facts:?}") };
    assert_eq!(customers.comment.as_deref(), Some("who buys"));
    assert_eq!(customers.engine.as_deref(), Some("InnoDB"));
    assert!(customers.bytes.is_some_and(|bytes| bytes > 0) && !customers.is_view, "{customers:?}");
    let columns =
        customers.columns.iter().map(|column| (column.name.as_str(), column.nullable, column.has_default));
    let columns: Vec<_> =
        columns.map(|(name, nullable, default)| (name, nullable, nullable || default)).collect();
    assert_eq!(columns, [("id", false, true), ("mail", false, false), ("note", true, true)]);
    let Looked::Found(orders) = &facts.tables[&name("orders")] else { panic!("orders: {facts:?}") };
    let keys: Vec<_> = orders
        .keys
        .iter()
        .map(|key| {
            (key.kind, key.parts.iter().map(|part| (part.column.as_str(), part.prefix)).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        keys,
        [
            (KeyKind::Primary, vec![("id", None)]),
            (KeyKind::Plain, vec![("customer_id", None), ("note", Some(10))]),
            (KeyKind::Foreign, vec![("customer_id", None)]),
        ]
    );
    let Looked::Found(view) = &facts.tables[&name("open_orders")] else { panic!("view: {facts:?}") };
    assert!(view.is_view, "{view:?}");
    assert_eq!(
        facts.syntax[&0],
        Prepared::Understood,
        "an account that may only read still learns that it parses"
    );
    assert!(
        matches!(&facts.syntax[&1], Prepared::SyntaxError(message) if message.contains("note")),
        "{:?}",
        facts.syntax[&1]
    );
    assert!(matches!(facts.syntax[&2], Prepared::Refused(1054, _)), "{:?}", facts.syntax[&2]);
    // An account that may not write is told the plan of the SELECT that counts, within its frame.
    let (write, read) = (&facts.explained[&7], &facts.explained[&6]);
    assert_eq!(
        (write.rows, &write.access, &write.key),
        (read.rows, &read.access, &read.key),
        "of a write, for a reader"
    );
    let Explained { rows, access, key, plan } = &facts.explained[&6];
    assert_eq!((*rows, access.as_deref(), key.as_deref()), (Some(1), Some("const"), Some("PRIMARY")));
    let tables: Vec<_> =
        plan.scans.iter().map(|scan| (scan.table.as_str(), scan.possible.join(","))).collect();
    assert_eq!(tables, [("customers", "PRIMARY".to_owned())]);
    assert_eq!(facts.counted[&3], Counted::Rows(2));
    assert_eq!(facts.counted[&4], Counted::TimedOut);
    assert!(matches!(facts.counted[&5], Counted::Failed(1146, _)), "{:?}", facts.counted[&5]);
}

#[tokio::test]
async fn a_mariadb_answers_every_question_and_nothing_is_changed() -> Result<()> {
    check(&facts(&*MariaDb::start().await?).await?);
    Ok(())
}

#[tokio::test]
async fn a_mysql_answers_every_question_and_nothing_is_changed() -> Result<()> {
    check(&facts(&*MySql::start().await?).await?);
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_down_or_frozen_is_told_within_the_limit() -> Result<()> {
    let mut server = MariaDb::start().await?;
    server.sql(SETUP).await?;
    let limits = Limits { connect: Duration::from_millis(500), ..Limits::default() };
    let questions = [Question::Table(name("customers"))];
    server.freeze()?;
    let frozen = gather(&reader(&server), &questions, &limits).await.unwrap_err();
    assert!(frozen.to_string().contains("can not be reached"), "{frozen}");
    server.thaw()?;
    server.kill()?;
    let down = gather(&reader(&server), &questions, &limits).await.unwrap_err();
    assert!(down.to_string().contains("can not be reached"), "{down}");
    Ok(())
}

#[tokio::test]
async fn a_server_that_dies_while_it_is_asked_is_told_and_not_taken_for_content() -> Result<()> {
    let mut server = MariaDb::start().await?;
    server.sql(SETUP).await?;
    let slow = Ask { index: 0, database: None, sql: "SELECT SLEEP(60) /* dies meanwhile */".to_owned() };
    let questions = [Question::Table(name("customers")), Question::Count(slow)];
    let (options, limits) = (reader(&server), Limits { each: Duration::from_secs(30), ..Limits::default() });
    let asked = tokio::spawn(async move { gather(&options, &questions, &limits).await });
    lab::until("the slow question to be asked", Duration::from_secs(10), || async {
        let sessions = server.sql("SHOW PROCESSLIST").await?;
        anyhow::ensure!(sessions.contains("dies meanwhile"), "{sessions}");
        Ok(())
    })
    .await?;
    server.kill()?;
    let told = asked.await?.unwrap_err();
    assert!(told.to_string().contains("can not be reached"), "{told}");
    Ok(())
}

const ALONG: &str = "CREATE DATABASE other; CREATE TABLE other.parcels (id INT PRIMARY KEY, `order` BIGINT UNSIGNED, customer BIGINT UNSIGNED,
        CONSTRAINT fk_order FOREIGN KEY (`order`) REFERENCES shop.orders (id) ON DELETE CASCADE,
        CONSTRAINT fk_customer FOREIGN KEY (customer) REFERENCES shop.customers (id) ON UPDATE CASCADE);
    CREATE TRIGGER shop.tr_z BEFORE INSERT ON shop.orders FOR EACH ROW SET NEW.note = 'z';
    CREATE TRIGGER shop.tr_a BEFORE UPDATE ON shop.orders FOR EACH ROW SET NEW.note = 'a';
    GRANT ALL ON *.* TO reader@'127.0.0.1'";

/// What changes along with a table, in a line.
fn along(facts: &Facts, table: &str) -> Option<String> {
    let Some(Looked::Found(found)) = facts.tables.get(&name(table)) else { panic!("{table} is there") };
    let along = found.along.as_ref()?;
    let by = along.referrers.iter().map(|by| {
        let database = by.table.database.as_deref().unwrap_or_default();
        format!(
            "{database}.{}({}) -> ({}) {:?} {:?}",
            by.table.table,
            by.by.join(","),
            by.columns.join(","),
            by.on_delete,
            by.on_update
        )
    });
    Some(format!("{} | {}", along.triggers.join(","), by.collect::<Vec<_>>().join("; ")))
}

/// A server that answers one question more each time: what changes along is the last that is told, and what is not told is never taken
/// for nothing.
async fn is_asked_last(server: &Server) -> Result<()> {
    server.sql(SETUP).await?;
    server.sql(ALONG).await?;
    let tables = ["customers", "orders"];
    let mut questions: Vec<Question> = tables.iter().map(|table| Question::Along(name(table))).collect();
    questions.extend(tables.iter().map(|table| Question::Table(name(table))));
    questions.push(Question::Count(ask(3, "SELECT COUNT(*) FROM (SELECT 1 FROM customers LIMIT 1001) x")));
    let wanted = [
        " | other.parcels(customer) -> (id) Restrict Cascade; shop.orders(customer_id) -> (id) Restrict Restrict",
        "tr_a,tr_z | other.parcels(order) -> (id) Cascade Restrict",
    ];
    let whole = gather_whole(&reader(server), &questions, &Limits::default()).await?;
    assert_eq!(tables.map(|table| along(&whole, table)), wanted.map(|line| Some(line.to_owned())));

    let (mut untold, mut most) = (0, 0);
    loop {
        most += 1;
        assert!(most < 100, "it is answered some day");
        server.sql(&limited(most)).await?;
        let Ok(facts) = gather(&reader(server), &questions, &Limits::default()).await else { continue };
        if facts.tables.len() < 2 || tables.iter().all(|table| along(&facts, table).is_some()) {
            assert_eq!(facts.tables.len(), 2);
            break;
        }
        assert_eq!(tables.map(|table| along(&facts, table)), [None, None]);
        untold += u32::from(facts.counted.get(&3) == Some(&Counted::Rows(3)));
        server.sql(&limited(most)).await?;
        let whole = gather_whole(&reader(server), &questions, &Limits::default()).await;
        assert!(matches!(whole, Err(OpenError::Unreachable(_))), "{whole:?}");
    }
    // Prepared ones do not count.
    assert!(untold > 0, "all else is told before it is asked for");
    Ok(())
}

fn limited(most: u32) -> String {
    format!("ALTER USER reader@'127.0.0.1' WITH MAX_QUERIES_PER_HOUR {most}; FLUSH USER_RESOURCES")
}

#[tokio::test]
async fn what_changes_along_is_asked_last_and_once_for_all_tables_of_mariadb() -> Result<()> {
    is_asked_last(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn what_changes_along_is_asked_last_and_once_for_all_tables_of_mysql() -> Result<()> {
    is_asked_last(&*MySql::start().await?).await
}
