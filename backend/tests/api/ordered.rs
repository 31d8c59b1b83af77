//! A ticket that changed rows of a table and then the table itself: one press takes the structure back, the next one the rows of before.

use crate::{
    kept::{key, stage, undo, works},
    stage::Stage,
};
use anyhow::{Context as _, Result, ensure};
use dbdesk::config::Secret;
use serde_json::{Value, json};

async fn desk() -> Result<Stage> {
    let review = serde_json::from_value(json!({ "rules": { "ddl-mixed-with-dml": "notice" } }))?;
    let stage = stage(|config| {
        config.backup.secret_key = Secret::new(key("5a"));
        config.review = review;
    })
    .await?;
    stage
        .target
        .sql(
            "CREATE TABLE shop.t (id INT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'id', note VARCHAR(50) NOT NULL COMMENT 'n') \
             ENGINE = InnoDB COMMENT = 't'; INSERT INTO shop.t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
        )
        .await?;
    Ok(stage)
}

/// A DBA approves it, and it runs.
async fn runs(stage: &Stage, ticket: &Value) -> Result<()> {
    let id = &ticket["id"];
    if ticket["state"] == "awaiting_choice" {
        stage.post("ann", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    }
    if ticket["state"] != "scheduled" {
        stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({ "confirm": "shop" })).await?.ok()?;
    }
    works(stage, id).await
}

async fn definition(stage: &Stage) -> Result<String> {
    stage.target.sql("SHOW CREATE TABLE shop.t").await
}

/// Takes the ticket back once, and says what was told: rows, changes of structure, and rows that come after it.
async fn takes_back(stage: &Stage, id: &Value) -> Result<(Value, [u64; 3])> {
    let back = stage.post("ann", &undo(id), &json!({})).await?.ok()?;
    let entries = stage.get("ann", &format!("/v1/tickets/{}/log", back["id"])).await?.ok()?;
    let told = entries["entries"].as_array().context("entries")?;
    let told = told.iter().map(|entry| &entry["event"]).find(|event| event["kind"] == "takes_back");
    let told = told.with_context(|| format!("{entries:#}"))?;
    let of = |name: &str| told[name].as_u64().unwrap_or_default();
    ensure!(told["without"] == json!([]), "all of it is kept: {told:#}");
    let told = [of("rows"), of("structures"), of("behind")];
    runs(stage, &back).await?;
    Ok((back["id"].clone(), told))
}

#[tokio::test]
async fn rows_that_changed_before_their_table_come_back_after_it() -> Result<()> {
    let stage = desk().await?;
    let before = definition(&stage).await?;
    for (sql, first) in [
        (
            "UPDATE t SET note = 'x' WHERE id <= 2; ALTER TABLE t ADD COLUMN price INT NULL COMMENT 'p'; \
             UPDATE t SET note = 'y', price = 1 WHERE id = 3;",
            [1, 1, 2],
        ),
        ("UPDATE t SET note = 'x' WHERE id <= 2; RENAME TABLE t TO u;", [0, 1, 2]),
        ("DELETE FROM t WHERE id = 1; UPDATE t SET note = 'x' WHERE id = 2; DROP TABLE t;", [0, 1, 2]),
        ("DELETE FROM t WHERE id = 1; UPDATE t SET note = 'x' WHERE id = 2; TRUNCATE TABLE t;", [0, 1, 2]),
    ] {
        let ticket = stage.submit(sql).await?;
        runs(&stage, &ticket).await.with_context(|| sql.to_owned())?;
        let id = &ticket["id"];
        let told = takes_back(&stage, id).await.with_context(|| sql.to_owned())?;
        ensure!(told.1 == first, "{sql}: {told:?}");
        ensure!(definition(&stage).await? == before, "{sql}");
        let told = takes_back(&stage, id).await.with_context(|| sql.to_owned())?;
        ensure!(told.1 == [2, 0, 0], "{sql}: {told:?}");
        ensure!(definition(&stage).await? == before, "{sql}");
        let rows = stage.target.sql("SELECT GROUP_CONCAT(note ORDER BY id) FROM shop.t").await?;
        ensure!(rows.trim() == "a,b,c", "{sql}: {rows}");
        let all = stage.post("ann", &undo(id), &json!({})).await?.refused("no-undo")?;
        ensure!(all.to_string().contains("as it was before already"), "{all:#}");
    }
    Ok(())
}

#[tokio::test]
async fn a_table_that_somebody_else_changed_stays_with_its_rows() -> Result<()> {
    let stage = desk().await?;
    let ticket = stage
        .submit("UPDATE t SET note = 'x' WHERE id = 1; ALTER TABLE t ADD COLUMN price INT NULL COMMENT 'p';")
        .await?;
    runs(&stage, &ticket).await?;
    stage.target.sql("ALTER TABLE shop.t ADD COLUMN his INT NULL").await?;
    let told = stage.post("ann", &undo(&ticket["id"]), &json!({})).await?.refused("no-undo")?;
    ensure!(told.to_string().contains("other columns or keys"), "{told:#}");
    Ok(())
}
