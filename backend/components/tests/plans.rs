//! What a review is told of plans, by real servers of both families, and whom it asks.

use anyhow::{Context as _, Result};
use dbdesk_components::mysql::facts::{Limits, gather, gather_beside};
use dbdesk_review::{
    Judged, Question, Settings,
    facts::{Ask, Counted, Facts},
    plan::Scan,
};
use lab::{Cluster, MariaDb, MySql, Server};
use sqlx::mysql::MySqlConnectOptions;

const SETUP: &str = "CREATE DATABASE shop; USE shop;
    CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL, note VARCHAR(200),
        KEY idx_user_id (user_id)) ENGINE=InnoDB;
    CREATE TABLE numbers (n INT PRIMARY KEY);
    INSERT INTO numbers VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);
    INSERT INTO orders (user_id, note) SELECT a.n, 'x' FROM numbers a, numbers b, numbers c, numbers d;
    INSERT INTO orders (user_id, note) SELECT user_id + 10, note FROM orders;
    ANALYZE TABLE orders;
    CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader-of-the-lab'; GRANT SELECT ON *.* TO reader@'127.0.0.1';";

fn reader(server: &Server) -> MySqlConnectOptions {
    let options = MySqlConnectOptions::new().host("127.0.0.1").port(server.port());
    options.username("reader").password("reader-of-the-lab")
}

fn settings() -> Settings {
    let mut settings = Settings { database: Some("shop".into()), ..Settings::default() };
    settings.limits.scanned_rows = 5_000;
    settings
}

async fn review(server: &MySqlConnectOptions, sql: &str) -> Result<(Facts, Judged)> {
    let (settings, script) = (settings(), dbdesk_review::read(sql)?);
    let facts = gather(server, &script.questions(&settings), &Limits::default()).await?;
    let judged = dbdesk_review::judge(&script, &facts, &settings);
    Ok((facts, judged))
}

async fn only(server: &MySqlConnectOptions, sql: &str) -> Result<(Scan, Vec<String>)> {
    let (facts, judged) = review(server, sql).await?;
    let plan = &facts.explained.get(&0).with_context(|| format!("no plan of {sql}: {facts:?}"))?.plan;
    let scan = plan.scans.iter().find(|scan| scan.is_table()).with_context(|| format!("{sql}: {plan:?}"))?;
    Ok((scan.clone(), judged.findings().map(|found| found.rule.to_string()).collect()))
}

async fn tells_its_plans(server: &Server) -> Result<()> {
    server.sql(SETUP).await?;
    let owner: MySqlConnectOptions = server.url("shop").parse()?;
    for account in [&owner, &reader(server)] {
        let (scan, rules) = only(account, "UPDATE orders SET note = 'y' WHERE note = 'z'").await?;
        assert!(scan.is_full() || scan.is_full_index(), "{scan:?}");
        assert!(scan.rows.is_some_and(|rows| rows > 10_000), "{scan:?}");
        assert!(rules.contains(&"full-table-scan".to_owned()), "{rules:?}");

        let (scan, rules) = only(account, "DELETE FROM orders WHERE id BETWEEN 5 AND 9").await?;
        assert_eq!((scan.access.as_str(), scan.key.as_deref()), ("range", Some("PRIMARY")), "{scan:?}");
        assert_eq!(rules, Vec::<String>::new());

        let (scan, rules) =
            only(account, "SELECT id FROM orders WHERE user_id = 3 ORDER BY note LIMIT 20").await?;
        assert_eq!((scan.access.as_str(), scan.key.as_deref()), ("ref", Some("idx_user_id")), "{scan:?}");
        assert!(scan.sorts && scan.possible == ["idx_user_id"], "{scan:?}");
        assert!(!rules.contains(&"full-table-scan".to_owned()), "{rules:?}");
    }
    // A query with a function that waits is not even explained.
    let (facts, _) = review(&owner, "SELECT SLEEP(1) FROM orders WHERE id = 1").await?;
    assert!(facts.explained.is_empty(), "{:?}", facts.explained);
    Ok(())
}

#[tokio::test]
async fn a_mariadb_tells_its_plans_to_whoever_may_read() -> Result<()> {
    tells_its_plans(&*MariaDb::start().await?).await
}

#[tokio::test]
async fn a_mysql_tells_its_plans_to_whoever_may_read() -> Result<()> {
    tells_its_plans(&*MySql::start().await?).await
}

/// Where a row more on the replica tells which of the two was asked.
#[tokio::test]
async fn a_near_replica_counts_for_its_primary_and_one_that_stands_still_does_not() -> Result<()> {
    let cluster = Cluster::start(1).await?;
    let (primary, replica) = (&cluster.primary, &cluster.replicas[0]);
    primary.sql("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)").await?;
    let (on_primary, on_replica): (MySqlConnectOptions, MySqlConnectOptions) =
        (primary.url("shop").parse()?, replica.url("shop").parse()?);
    let mut waited = 0;
    while !replica.sql("SELECT COUNT(*) FROM shop.orders").await.is_ok_and(|told| told.contains('1')) {
        waited += 1;
        anyhow::ensure!(
            waited < 1_000,
            "the replica does not follow: {}",
            replica.sql("SHOW SLAVE STATUS").await?
        );
        tokio::task::yield_now().await;
    }
    replica.sql("SET sql_log_bin = 0; INSERT INTO shop.orders VALUES (2), (3)").await?;
    let count = "SELECT COUNT(*) FROM (SELECT 1 FROM shop.orders LIMIT 1001) x";
    let questions = [Question::Count(Ask { index: 0, database: None, sql: count.into() })];
    let limits = Limits::default();
    let counted = |facts: Facts| facts.counted.get(&0).cloned();
    let near = gather_beside(&on_primary, Some(&on_replica), &questions, &limits).await?;
    assert_eq!(counted(near), Some(Counted::Rows(3)), "the replica was not asked");
    replica.sql("STOP SLAVE").await?;
    let still = gather_beside(&on_primary, Some(&on_replica), &questions, &limits).await?;
    assert_eq!(counted(still), Some(Counted::Rows(1)), "a replica that stands still was asked");
    let denied = gather_beside(&on_primary, Some(&reader(replica)), &questions, &limits).await?;
    assert_eq!(counted(denied), Some(Counted::Rows(1)), "who can not be asked is not");
    Ok(())
}
