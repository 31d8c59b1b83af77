//! Retry, skip, prioritise: what a person decides about a ticket that ended, and which of those that are due comes first.

use crate::stage::{DROP, SMALL, Stage};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

const THREE: &str = "UPDATE orders SET note = 'a' WHERE id = 1; UPDATE orders SET note = 'b' WHERE id = 2; \
     UPDATE orders SET note = 'c' WHERE id = 3;";

/// As if the ticket's process had ended so: `done` statements ran, and this one was in flight.
async fn ended(stage: &Stage, id: &Value, how: &str, done: u32, in_flight: Option<u32>) -> Result<()> {
    stage.claimed(id).await?;
    let flying = in_flight.map_or("NULL".to_owned(), |index| index.to_string());
    let script = format!(
        "UPDATE desk.task SET state = '{how}', done = {done}, in_flight = {flying} WHERE ticket_id = {id} AND state = 'running'; \
         UPDATE desk.ticket SET state = '{how}', version = version + 1 WHERE id = {id}"
    );
    stage.store.sql(&script).await.map(drop)
}

async fn newest_task(stage: &Stage) -> Result<String> {
    let task = "SELECT CONCAT_WS(' ', state, done, total, attempt, retry_of) FROM desk.task ORDER BY id DESC LIMIT 1";
    stage.store.sql(task).await
}

#[tokio::test]
async fn a_failed_ticket_is_tried_again_from_the_statement_that_failed() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(THREE).await?;
    let id = &ticket["id"];
    ended(&stage, id, "failed", 1, None).await?;
    let path = format!("/v1/tickets/{id}/retry");
    stage.post("ann", &path, &json!({})).await?.refused("forbidden")?;
    let button = stage.button(id, "retry").await?;
    ensure!(!button.is_empty(), "the card offers it");
    let again = stage.post("bob", &path, &json!({})).await?.ok()?;
    ensure!(again["state"] == "scheduled" && again["decided_by"]["name"] == "bob", "{again:#}");
    ensure!(again["approved_by_policy"] == false, "his press is the approval: {again:#}");
    let first = &ticket["task"]["id"];
    ensure!(newest_task(&stage).await? == format!("ready 1 3 2 {first}"), "{}", newest_task(&stage).await?);
    ensure!(stage.story(id).await? == "filed approved retried", "{}", stage.story(id).await?);
    stage.post("bob", &path, &json!({})).await?.refused("wrong-state")?;
    // The second try may be cancelled, and tried again as well.
    stage.post("bob", &format!("/v1/tickets/{id}/cancel"), &json!({})).await?.ok()?;
    stage.post("mei", &path, &json!({})).await?.ok()?;
    ensure!(newest_task(&stage).await?.starts_with("ready 1 3 3 "), "{}", newest_task(&stage).await?);
    Ok(())
}

#[tokio::test]
async fn what_destroys_is_tried_again_by_the_typed_name_and_never_by_its_requester() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(DROP).await?;
    let id = &ticket["id"];
    stage.post("ann", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({ "confirm": "shop" })).await?.ok()?;
    ended(&stage, id, "cancelled", 0, None).await?;
    let path = format!("/v1/tickets/{id}/retry");
    let mut told = stage.both("bob", &path, &json!({})).await?;
    told += &stage.both("bob", &path, &json!({ "confirm": "shopp" })).await?;
    stage.post("bob", &path, &json!({ "confirm": "shop", "sql_hash": "00" })).await?.refused("stale")?;
    stage.post("bob", &path, &json!({ "confirm": "shop" })).await?.ok()?;
    let own = stage.post("bob", "/v1/tickets", &crate::stage::submission(SMALL, "now")).await?.ok()?;
    ended(&stage, &own["id"], "failed", 0, None).await?;
    told += &stage.both("bob", &format!("/v1/tickets/{}/retry", own["id"]), &json!({})).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn what_needs_its_session_is_not_tried_again_and_is_told_why() -> Result<()> {
    let stage = Stage::start().await?;
    let sql =
        "INSERT INTO orders (note) VALUES ('a'); UPDATE orders SET note = 'b' WHERE id = LAST_INSERT_ID();";
    let ticket = stage.submit(sql).await?;
    let id = &ticket["id"];
    if ticket["state"] == "awaiting_choice" {
        stage.post("ann", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    }
    if ticket["state"] != "scheduled" {
        stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    }
    ended(&stage, id, "failed", 1, None).await?;
    let path = format!("/v1/tickets/{id}/retry");
    insta::assert_snapshot!(stage.both("bob", &path, &json!({ "confirm": "shop" })).await?);
    ensure!(newest_task(&stage).await?.starts_with("failed 1 2 1"), "no task was made");
    Ok(())
}

#[tokio::test]
async fn a_person_who_types_the_name_decides_what_became_of_a_lost_statement() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(THREE).await?;
    let id = &ticket["id"];
    let [retry, skip] = ["retry", "skip"].map(|verb| format!("/v1/tickets/{id}/{verb}"));
    stage.post("bob", &skip, &json!({})).await?.refused("wrong-state")?;
    ended(&stage, id, "lost", 1, Some(1)).await?;
    let card = stage.get("bob", &format!("/v1/tickets/{id}")).await?.ok()?;
    let forms: Vec<_> =
        card["buttons"].as_array().into_iter().flatten().map(|b| (&b["verb"], &b["form"])).collect();
    ensure!(forms.iter().all(|(_, form)| **form == "name") && forms.len() == 2, "{forms:?}");
    let mut told = stage.both("bob", &retry, &json!({})).await?;
    told += &stage.both("bob", &skip, &json!({ "confirm": "sho" })).await?;
    told += &stage.both("wei", &skip, &json!({ "confirm": "shop" })).await?;
    insta::assert_snapshot!(told);
    // It ran: the next task begins after it.
    stage.post("bob", &skip, &json!({ "confirm": "shop" })).await?.ok()?;
    ensure!(newest_task(&stage).await?.starts_with("ready 2 3 2 "), "{}", newest_task(&stage).await?);
    // That one is lost in the last statement, which did not run: it is run again.
    ended(&stage, id, "lost", 2, Some(2)).await?;
    stage.post("bob", &retry, &json!({ "confirm": "shop" })).await?.ok()?;
    ensure!(newest_task(&stage).await?.starts_with("ready 2 3 3 "), "{}", newest_task(&stage).await?);
    // Lost once more, and this time it ran: the ticket is done.
    ended(&stage, id, "lost", 2, Some(2)).await?;
    let done = stage.post("bob", &skip, &json!({ "confirm": "shop" })).await?.ok()?;
    ensure!(done["state"] == "done" && done["task"]["done"] == 3, "{done:#}");
    ensure!(
        stage.story(id).await? == "filed approved skipped retried skipped ended",
        "{}",
        stage.story(id).await?
    );
    Ok(())
}

#[tokio::test]
async fn an_answer_that_came_late_leaves_nothing_to_guess() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(THREE).await?;
    let id = &ticket["id"];
    let [retry, skip] = ["retry", "skip"].map(|verb| format!("/v1/tickets/{id}/{verb}"));
    let name = json!({ "confirm": "shop" });
    ended(&stage, id, "lost", 2, None).await?;
    let mut told = stage.both("bob", &skip, &name).await?;
    stage.store.sql("UPDATE desk.task SET done = 3").await?;
    told += &stage.both("bob", &retry, &name).await?;
    insta::assert_snapshot!(told);
    let done = stage.post("bob", &skip, &name).await?.ok()?;
    ensure!(done["state"] == "done", "{done:#}");
    Ok(())
}

#[tokio::test]
async fn a_dba_moves_a_ticket_before_or_behind_others() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let id = &ticket["id"];
    let path = format!("/v1/tickets/{id}/prioritise");
    let first = stage.post("bob", &path, &json!({ "priority": "high" })).await?.ok()?;
    ensure!(first["state"] == "scheduled", "{first:#}");
    let ranks =
        "SELECT CONCAT(k.priority, t.priority) FROM desk.task t JOIN desk.ticket k ON k.id = t.ticket_id";
    ensure!(stage.store.sql(ranks).await? == "11", "ticket and task");
    let mut told = stage.both("ann", &path, &json!({ "priority": "low" })).await?;
    told += &stage.both("bob", &path, &json!({ "priority": "highest" })).await?;
    told += &stage.both("bob", &path, &json!({})).await?;
    stage.claimed(id).await?;
    told += &stage.both("bob", &path, &json!({ "priority": "low" })).await?;
    insta::assert_snapshot!(told);
    ensure!(stage.story(id).await? == "filed approved prioritised", "its log");
    Ok(())
}
