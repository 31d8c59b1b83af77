//! Throttle: how much lag and load running work may meet before it waits.

use crate::stage::{SMALL, Stage, line};
use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

/// A running ticket of ann's, which a tool makes online.
pub async fn online(stage: &Stage) -> Result<Value> {
    let ticket = stage.submit(SMALL).await?;
    let id = &ticket["id"];
    stage
        .store
        .sql(&format!("UPDATE desk.ticket_revision SET online = '[0]' WHERE ticket_id = {id}"))
        .await?;
    stage.claimed(id).await?;
    Ok(id.clone())
}

#[tokio::test]
async fn a_dba_sets_the_limits_of_what_runs_and_they_outlive_its_task() -> Result<()> {
    let stage = Stage::start().await?;
    let id = online(&stage).await?;
    let path = format!("/v1/tickets/{id}/throttle");
    let button = stage.button(&id, "throttle").await?;
    let asked = stage.get("bob", &format!("/v1/buttons/{button}")).await?.ok()?;
    ensure!(asked["form"] == "limits", "{asked:#}");
    ensure!(asked["limits"] == json!({ "max_lag_ms": 5_000, "max_load": 50 }), "as configured: {asked:#}");

    let set = stage.post("bob", &path, &json!({ "max_lag_s": 3, "max_load": " 20 " })).await?.ok()?;
    ensure!(set["throttle"] == json!({ "max_lag_ms": 3_000, "max_load": 20 }), "{set:#}");
    ensure!(set["state"] == "running", "{set:#}");
    let press = json!({ "limits": { "max_lag_s": "", "max_load": "30" } });
    let pressed = stage.post("bob", &format!("/v1/buttons/{button}/press"), &press).await?.ok()?;
    ensure!(pressed["ticket"]["throttle"] == json!({ "max_load": 30 }), "{pressed:#}");
    let asked = stage.get("bob", &format!("/v1/buttons/{button}")).await?.ok()?;
    ensure!(asked["limits"] == json!({ "max_lag_ms": 5_000, "max_load": 30 }), "{asked:#}");

    stage.store.sql("UPDATE desk.task SET state = 'failed'; UPDATE desk.ticket SET state = 'failed'").await?;
    let again = stage.post("bob", &format!("/v1/tickets/{id}/retry"), &json!({})).await?.ok()?;
    ensure!(again["throttle"] == json!({ "max_load": 30 }), "it holds for the new task: {again:#}");
    stage.claimed(&id).await?;
    let unset = stage.post("bob", &path, &json!({})).await?.ok()?;
    ensure!(unset.get("throttle").is_none(), "all is as configured again: {unset:#}");
    ensure!(
        stage.story(&id).await? == "filed approved throttled throttled retried throttled",
        "its log: {}",
        stage.story(&id).await?
    );
    Ok(())
}

#[tokio::test]
async fn who_may_not_or_types_what_is_no_limit_is_told_so_and_nothing_changes() -> Result<()> {
    let stage = Stage::start().await?;
    let id = online(&stage).await?;
    let path = format!("/v1/tickets/{id}/throttle");
    stage.post("bob", &path, &json!({ "max_lag_s": 3, "max_load": 20 })).await?.ok()?;
    let mut told = stage.both("ann", &path, &json!({ "max_load": 99 })).await?;
    for body in [
        json!({ "max_lag_s": -1 }),
        json!({ "max_lag_s": "soon" }),
        json!({ "max_lag_s": 86_401 }),
        json!({ "max_load": 0 }),
        json!({ "max_load": 2.5, "max_lag_s": 9 }),
        json!({ "max_load": true }),
        json!({ "max_threads": 1 }),
    ] {
        told += &stage.both("bob", &path, &body).await?;
    }
    let button = stage.button(&id, "throttle").await?;
    told += &stage.both("bob", &format!("/v1/buttons/{button}/press"), &json!({})).await?;
    let after = stage.get("ann", &format!("/v1/tickets/{id}")).await?.ok()?;
    ensure!(after["throttle"] == json!({ "max_lag_ms": 3_000, "max_load": 20 }), "{after:#}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn what_does_not_run_or_is_not_changed_online_has_no_limits() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let path = format!("/v1/tickets/{}/throttle", ticket["id"]);
    let mut told = stage.both("bob", &path, &json!({ "max_load": 20 })).await?;
    stage.claimed(&ticket["id"]).await?;
    told += &stage.both("bob", &path, &json!({ "max_load": 20 })).await?;
    insta::assert_snapshot!(told);
    let plain = stage.get("bob", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    let verbs: Vec<_> = plain["buttons"].as_array().context("buttons")?.iter().map(|b| &b["verb"]).collect();
    ensure!(verbs == ["pause", "cancel"], "it shows no button for that: {verbs:?}");
    // What was online has run; what is left runs as written.
    let id = online(&stage).await?;
    stage.store.sql("UPDATE desk.task SET done = 1, total = 2").await?;
    let asked = stage.ask("bob", Method::POST, &format!("/v1/tickets/{id}/throttle")).json(&json!({}));
    let refused = crate::stage::answer(asked).await?.refused("wrong-state")?;
    ensure!(line(&refused).contains("nothing that is left"), "{refused:#}");
    Ok(())
}
