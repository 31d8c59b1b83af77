//! What keeps the server busy and needs no person waits for a quiet window, 02:00 to 05:00 in Shanghai.

use crate::stage::{SMALL, Stage, submission};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// Reads all of the table; passes by policy.
const INDEX: &str = "ALTER TABLE orders ADD INDEX idx_note (note);";
const WINDOW: &str = "2026-11-22T18:00:00Z";

/// A desk for which the table of the stage is large.
async fn stage() -> Result<Stage> {
    Stage::with(|config| config.review.limits.busy_bytes = 1_000).await
}

/// How the ticket's approval is logged.
async fn approval(stage: &Stage, ticket: &Value) -> Result<Value> {
    let log = stage.get("ann", &format!("/v1/tickets/{}/log", ticket["id"])).await?.ok()?;
    let entries = log["entries"].as_array().cloned().unwrap_or_default();
    let approved = entries.into_iter().rev().map(|entry| entry["event"].clone());
    Ok(approved.into_iter().find(|event| event["kind"] == "approved").unwrap_or_default())
}

#[tokio::test]
async fn it_waits_for_the_window_though_now_was_asked_and_a_dba_may_run_it_now() -> Result<()> {
    let stage = stage().await?;
    let ticket = stage.submit(INDEX).await?;
    ensure!(ticket["review"][0]["way"]["busy"] == true, "{ticket:#}");
    ensure!(ticket["state"] == "scheduled" && ticket["approved_by_policy"] == true, "{ticket:#}");
    ensure!(ticket["due_at"] == WINDOW && ticket["task"]["state"] == "waiting", "{ticket:#}");
    ensure!(ticket["approval_expires_at"] == "2026-11-23T18:00:00Z", "from its due time: {ticket:#}");
    let told = approval(&stage, &ticket).await?;
    ensure!(told["waits_for_quiet"] == true && told["due_at"] == WINDOW, "{told:#}");

    let run = format!("/v1/tickets/{}/run", ticket["id"]);
    stage.post("ann", &run, &json!({})).await?.refused("forbidden")?;
    let running = stage.post("bob", &run, &json!({})).await?.ok()?;
    ensure!(
        running["due_at"] == "2026-11-22T12:00:00Z" && running["task"]["state"] == "ready",
        "{running:#}"
    );
    Ok(())
}

#[tokio::test]
async fn a_time_outside_of_every_window_is_put_off_and_one_inside_stays() -> Result<()> {
    let stage = stage().await?;
    let day = stage.submit_at(INDEX, "2026-11-23 09:00").await?;
    ensure!(day["due_at"] == "2026-11-23T18:00:00Z", "never before the time asked for: {day:#}");
    let night = stage.submit_at(INDEX, "2026-11-23 03:00").await?;
    ensure!(night["due_at"] == "2026-11-22T19:00:00Z", "{night:#}");
    ensure!(approval(&stage, &night).await?.get("waits_for_quiet").is_none(), "{night:#}");
    let quiet = stage.submit_at(INDEX, "quiet").await?;
    ensure!(quiet["due_at"] == WINDOW, "{quiet:#}");
    ensure!(approval(&stage, &quiet).await?.get("waits_for_quiet").is_none(), "as asked: {quiet:#}");
    stage.later(TimeDelta::hours(7));
    let inside = stage.submit(INDEX).await?;
    ensure!(inside["due_at"] == "2026-11-22T19:00:00Z" && inside["task"]["state"] == "ready", "{inside:#}");
    Ok(())
}

#[tokio::test]
async fn what_an_amendment_brings_is_judged_anew() -> Result<()> {
    let stage = stage().await?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["task"]["state"] == "ready", "few rows of a large table start at once: {ticket:#}");
    let path = format!("/v1/tickets/{}/amend", ticket["id"]);
    let busy = stage.post("ann", &path, &json!({ "sql": INDEX })).await?.ok()?;
    ensure!(busy["due_at"] == WINDOW && busy["task"]["state"] == "waiting", "{busy:#}");
    let small = stage.post("ann", &path, &json!({ "sql": SMALL })).await?.ok()?;
    ensure!(small["due_at"] == "2026-11-22T12:00:00Z" && small["task"]["state"] == "ready", "{small:#}");
    Ok(())
}

#[tokio::test]
async fn a_dba_approves_it_for_the_time_asked_and_a_group_without_windows_is_as_before() -> Result<()> {
    let stage = Stage::with(|config| {
        config.review.limits.busy_bytes = 1_000;
        config.policy.always_person = true;
    })
    .await?;
    let ticket = stage.submit(INDEX).await?;
    ensure!(ticket["state"] == "awaiting_approval", "{ticket:#}");
    let approve = format!("/v1/tickets/{}/approve", ticket["id"]);
    let approved = stage.post("bob", &approve, &json!({})).await?.ok()?;
    ensure!(
        approved["due_at"] == "2026-11-22T12:00:00Z" && approved["task"]["state"] == "ready",
        "{approved:#}"
    );

    let stage = self::stage().await?;
    stage.store.sql("UPDATE desk.service_group SET spec = JSON_SET(spec, '$.quiet', JSON_ARRAY())").await?;
    stage.post("ann", "/v1/tickets", &submission(SMALL, "quiet")).await?.refused("invalid")?;
    let ticket = stage.submit(INDEX).await?;
    ensure!(ticket["due_at"] == "2026-11-22T12:00:00Z" && ticket["task"]["state"] == "ready", "{ticket:#}");
    Ok(())
}
