//! Withdraw, run now, pause, resume, cancel.

use crate::stage::{SMALL, Stage, WHOLE};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use serde_json::json;

#[tokio::test]
async fn a_withdrawn_ticket_never_runs() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let path = format!("/v1/tickets/{}/withdraw", ticket["id"]);
    let gone = stage.post("ann", &path, &json!({})).await?.ok()?;
    ensure!(gone["state"] == "withdrawn" && gone["task"]["state"] == "cancelled", "{gone:#}");
    ensure!(gone["buttons"] == json!([]), "{gone:#}");
    stage.post("ann", &path, &json!({})).await?.refused("wrong-state")?;
    Ok(())
}

#[tokio::test]
async fn what_has_just_started_can_not_be_withdrawn_or_amended() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    let id = &ticket["id"];
    // The process claimed the task, and its ticket's row is about to say so.
    stage.store.sql("UPDATE desk.task SET state = 'running'").await?;
    let mut told = stage.both("ann", &format!("/v1/tickets/{id}/withdraw"), &json!({})).await?;
    stage
        .post("ann", &format!("/v1/tickets/{id}/amend"), &json!({ "sql": WHOLE }))
        .await?
        .refused("wrong-state")?;
    stage.claimed(id).await?;
    told += &stage.both("ann", &format!("/v1/tickets/{id}/withdraw"), &json!({})).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn run_now_moves_the_start_to_now() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "2026-11-24 08:00").await?;
    stage.later(TimeDelta::hours(1));
    let run = stage.post("bob", &format!("/v1/tickets/{}/run", ticket["id"]), &json!({})).await?.ok()?;
    ensure!(run["due_at"] == "2026-11-22T13:00:00Z" && run["task"]["state"] == "ready", "{run:#}");
    ensure!(run["approval_expires_at"] == "2026-11-23T13:00:00Z", "{run:#}");
    ensure!(stage.story(&ticket["id"]).await? == "filed approved run_now", "its log");
    Ok(())
}

#[tokio::test]
async fn a_dba_pauses_resumes_and_cancels_what_runs() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    let id = &ticket["id"];
    stage.claimed(id).await?;
    for (verb, wish) in [("pause", "pause"), ("resume", "go"), ("cancel", "cancel")] {
        let answer = stage.post("bob", &format!("/v1/tickets/{id}/{verb}"), &json!({})).await?.ok()?;
        ensure!(answer["state"] == "running", "its process says when: {answer:#}");
        ensure!(stage.store.sql("SELECT wish FROM desk.task").await? == wish, "{verb}");
    }
    stage.post("bob", &format!("/v1/tickets/{id}/resume"), &json!({})).await?.refused("wrong-state")?;
    ensure!(stage.store.sql("SELECT wish FROM desk.task").await? == "cancel", "a wish to cancel stays");
    ensure!(
        stage.story(id).await? == "filed approved pause_asked resume_asked cancel_asked",
        "its log: {}",
        stage.story(id).await?
    );
    Ok(())
}

#[tokio::test]
async fn what_did_not_start_is_cancelled_at_once() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let id = &ticket["id"];
    let gone = stage.post("bob", &format!("/v1/tickets/{id}/cancel"), &json!({})).await?.ok()?;
    ensure!(gone["state"] == "cancelled" && gone["task"]["state"] == "cancelled", "{gone:#}");
    ensure!(stage.story(id).await? == "filed approved cancel_asked ended", "its log");
    Ok(())
}

#[tokio::test]
async fn a_ticket_on_hold_does_not_start_until_a_dba_resumes_it() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "2026-11-24 08:00").await?;
    let id = &ticket["id"];
    let held = stage.post("bob", &format!("/v1/tickets/{id}/pause"), &json!({})).await?.ok()?;
    ensure!(held["state"] == "held" && held["task"]["state"] == "waiting", "{held:#}");
    let verbs: Vec<_> = held["buttons"].as_array().into_iter().flatten().map(|b| &b["verb"]).collect();
    ensure!(verbs == ["resume", "run", "amend", "withdraw", "cancel"], "{verbs:?}");
    // Its time passes: control leaves it alone.
    stage.later(TimeDelta::hours(37));
    ensure!(dbdesk_store::queue::promote(&stage.pool, stage.now(), 10).await? == 0, "it was made ready");
    stage.post("bob", &format!("/v1/tickets/{id}/pause"), &json!({})).await?.refused("wrong-state")?;
    stage.post("ann", &format!("/v1/tickets/{id}/resume"), &json!({})).await?.refused("forbidden")?;
    let free = stage.post("bob", &format!("/v1/tickets/{id}/resume"), &json!({})).await?.ok()?;
    ensure!(free["state"] == "scheduled", "{free:#}");
    ensure!(dbdesk_store::queue::promote(&stage.pool, stage.now(), 10).await? == 1, "it does not start");
    ensure!(stage.story(id).await? == "filed approved held released", "its log");
    Ok(())
}

#[tokio::test]
async fn what_is_on_hold_can_be_run_cancelled_withdrawn_amended_and_its_approval_ends() -> Result<()> {
    let stage = Stage::start().await?;
    let hold = async || {
        let ticket = stage.submit_at(SMALL, "quiet").await?;
        stage.post("bob", &format!("/v1/tickets/{}/pause", ticket["id"]), &json!({})).await?.ok()
    };
    for (who, verb, body, state, task) in [
        ("bob", "run", json!({}), "scheduled", "ready"),
        ("bob", "cancel", json!({}), "cancelled", "cancelled"),
        ("ann", "withdraw", json!({}), "withdrawn", "cancelled"),
        ("ann", "amend", json!({ "sql": WHOLE }), "awaiting_choice", "null"),
    ] {
        let ticket = hold().await?;
        let after = stage.post(who, &format!("/v1/tickets/{}/{verb}", ticket["id"]), &body).await?.ok()?;
        ensure!(after["state"] == state, "{verb}: {after:#}");
        ensure!(task == "null" || after["task"]["state"] == task, "{verb}: {after:#}");
    }
    ensure!(stage.store.sql("SELECT wish FROM desk.task WHERE state = 'ready'").await? == "go", "run now");
    let ticket = hold().await?;
    stage.later(TimeDelta::days(3));
    dbdesk_schedule::reconcile::expire(&stage.pool, stage.now()).await?;
    let over = stage.get("ann", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(over["state"] == "awaiting_approval", "{over:#}");
    Ok(())
}
