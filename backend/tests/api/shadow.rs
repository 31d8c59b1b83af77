//! Tickets that are tried on a review server before anybody sees them.

use crate::stage::{SMALL, Stage};
use anyhow::{Result, ensure};
use dbdesk::config::{Config, ReviewServer, Secret};
use lab::MariaDb;
use serde_json::{Value, json};

/// A review server whose account may use the schemas of trials and nothing else.
async fn review_server() -> Result<MariaDb> {
    let server = MariaDb::start().await?;
    server
        .sql(
            "CREATE USER shadow@'%' IDENTIFIED BY 'shadow-pw'; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, \
             REFERENCES ON `dbdesk\\_shadow\\_%`.* TO shadow@'%'",
        )
        .await?;
    Ok(server)
}

fn configured(config: &mut Config, port: u16, flavour: &str) {
    let server = ReviewServer {
        flavour: flavour.to_owned(),
        host: "127.0.0.1".to_owned(),
        port,
        user: "shadow".to_owned(),
        password_file: None,
        password: Secret::new("shadow-pw"),
    };
    config.shadow.server.insert("lab".to_owned(), server);
    config.shadow.time_limit_ms = 30_000;
}

fn rules(statement: &Value) -> Vec<&str> {
    statement["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|found| found["rule"].as_str())
        .collect()
}

#[tokio::test]
async fn a_ticket_shows_its_tables_before_and_after_and_what_fails_comes_back() -> Result<()> {
    let server = review_server().await?;
    let port = server.port();
    let stage = Stage::with(|config| configured(config, port, "mariadb-10.11")).await?;
    let good = "ALTER TABLE orders ADD COLUMN paid_at DATETIME NULL COMMENT 'when it was paid';\n\
                ALTER TABLE orders ADD INDEX idx_paid_at (paid_at);";
    let ticket = stage.submit(good).await?;
    // Told from what is stored, as it is after a restart.
    let path = format!("/v1/tickets/{}", ticket["id"]);
    let read = stage.get("ann", &path).await?.ok()?;
    let table = &read["review"][1]["tables"][0];
    ensure!(table["table"] == "orders" && table["fate"] == "changed", "{read:#}");
    let diff = table["diff"].as_str().unwrap_or_default();
    let changed: Vec<&str> = diff.lines().filter(|line| !line.starts_with(' ')).collect();
    ensure!(
        changed.len() == 2 && changed[0].contains("`paid_at`") && changed[1].contains("idx_paid_at"),
        "{diff}"
    );
    ensure!(read["review"][0].get("tables").is_none(), "{read:#}");

    let bad = "ALTER TABLE orders ADD COLUMN wide VARCHAR(20000) COMMENT 'x';\nALTER TABLE orders ADD INDEX idx_wide (wide);";
    let ticket = stage.submit(bad).await?;
    ensure!(ticket["state"] == "returned", "{ticket:#}");
    ensure!(rules(&ticket["review"][0]).contains(&"server-refuses"), "{ticket:#}");
    ensure!(rules(&ticket["review"][1]).contains(&"needs-a-failing-statement"), "{ticket:#}");
    let found = ticket["review"][0]["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|found| found["rule"] == "server-refuses");
    let (start, end) = (found.map(|f| f["start"].as_u64()), found.map(|f| f["end"].as_u64()));
    ensure!((start, end) == (Some(Some(30)), Some(Some(34))), "the column is meant: {found:?}");

    let dml = stage.submit(SMALL).await?;
    ensure!(dml["state"] == "scheduled" && rules(&dml["review"][0]).is_empty(), "{dml:#}");
    ensure!(server.sql("SHOW DATABASES LIKE 'dbdesk%'").await?.is_empty(), "a shadow is left");
    Ok(())
}

#[tokio::test]
async fn without_a_server_of_its_flavour_or_with_a_dead_one_a_ticket_is_reviewed_all_the_same() -> Result<()>
{
    let stage = Stage::with(|config| configured(config, 1, "mysql-9.7")).await?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["state"] == "scheduled", "{ticket:#}");
    ensure!(rules(&ticket["review"][0]) == ["not-tried"], "{ticket:#}");
    let told = ticket["review"][0]["findings"][0]["message"].as_str().unwrap_or_default();
    ensure!(
        told == "This ticket was reviewed without being tried: the desk has no review server for MariaDB 10.11.",
        "{told}"
    );

    let stage = Stage::with(|config| configured(config, 1, "mariadb-11.8")).await?;
    let body = json!({ "sql": SMALL, "service_group": "shop", "database": "shop" });
    let review = stage.post("ann", "/v1/reviews", &body).await?.ok()?;
    let told = review[0]["findings"][0]["message"].as_str().unwrap_or_default();
    ensure!(told.ends_with("the review server did not answer."), "{review:#}");
    Ok(())
}
