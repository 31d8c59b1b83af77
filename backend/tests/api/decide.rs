//! Who may decide, what a late click is told, and what an approval binds to.

use crate::stage::{DROP, SMALL, Stage, WHOLE};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use serde_json::{Value, json};

async fn waiting(stage: &Stage, sql: &str, when: &str) -> Result<Value> {
    let ticket = stage.submit_at(sql, when).await?;
    if ticket["state"] == "awaiting_approval" {
        return Ok(ticket);
    }
    stage.post("ann", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()
}

#[tokio::test]
async fn whoever_may_not_is_told_why_in_his_language() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, WHOLE, "now").await?;
    let id = &ticket["id"];
    let mut told = stage.both("wei", &format!("/v1/tickets/{id}/approve"), &json!({})).await?;
    told += &stage.both("bob", &format!("/v1/tickets/{id}/withdraw"), &json!({})).await?;
    let own = json!({ "service_group": "shop", "database": "shop", "sql": WHOLE, "reason": "r" });
    let own = stage.post("bob", "/v1/tickets", &own).await?.ok()?;
    stage.post("bob", &format!("/v1/tickets/{}/send-to-dba", own["id"]), &json!({})).await?.ok()?;
    told += &stage.both("bob", &format!("/v1/tickets/{}/approve", own["id"]), &json!({})).await?;
    told += &stage.both("bob", "/v1/tickets/99/approve", &json!({})).await?;
    told += &stage.both("bob", &format!("/v1/tickets/{id}/reject"), &json!({ "reason": "  " })).await?;
    told += &stage.both("bob", &format!("/v1/tickets/{id}/pause"), &json!({})).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_second_click_is_told_who_decided_and_when() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, WHOLE, "2026-11-23 08:00").await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("bob", &path, &json!({})).await?.ok()?;
    let mut told = stage.both("mei", &path, &json!({})).await?;
    let rejected = waiting(&stage, WHOLE, "now").await?;
    let reject = format!("/v1/tickets/{}/reject", rejected["id"]);
    let answer = stage.post("mei", &reject, &json!({ "reason": "too wide" })).await?.ok()?;
    ensure!(answer["state"] == "rejected" && answer["decision_reason"] == "too wide", "{answer:#}");
    told += &stage.both("bob", &format!("/v1/tickets/{}/approve", rejected["id"]), &json!({})).await?;
    let policy = stage.submit(SMALL).await?;
    told += &stage.both("bob", &format!("/v1/tickets/{}/approve", policy["id"]), &json!({})).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn two_dbas_who_press_at_once_decide_once() -> Result<()> {
    let stage = Stage::start().await?;
    for _ in 0..5 {
        let ticket = waiting(&stage, WHOLE, "now").await?;
        let path = format!("/v1/tickets/{}/approve", ticket["id"]);
        let nothing = json!({});
        let (bob, mei) = tokio::join!(stage.post("bob", &path, &nothing), stage.post("mei", &path, &nothing));
        let mut statuses = [bob?.status, mei?.status];
        statuses.sort_unstable();
        ensure!(statuses == [200, 409], "{statuses:?}");
        let tasks = stage.get("bob", &format!("/v1/tasks?ticket={}", ticket["id"])).await?.ok()?;
        ensure!(tasks["tasks"].as_array().map(Vec::len) == Some(1), "{tasks:#}");
    }
    Ok(())
}

#[tokio::test]
async fn what_destroys_wants_the_groups_name_typed() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, DROP, "now").await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    let mut told = stage.both("bob", &path, &json!({})).await?;
    told += &stage.both("bob", &path, &json!({ "confirm": "shopp" })).await?;
    insta::assert_snapshot!(told);
    let approved = stage.post("bob", &path, &json!({ "confirm": "shop" })).await?.ok()?;
    ensure!(approved["state"] == "scheduled", "{approved:#}");
    Ok(())
}

#[tokio::test]
async fn an_approval_of_other_bytes_than_those_there_is_stale() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, WHOLE, "now").await?;
    let id = &ticket["id"];
    let amend = json!({ "sql": format!("{WHOLE} -- again") });
    stage.post("ann", &format!("/v1/tickets/{id}/amend"), &amend).await?.ok()?;
    stage.post("ann", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    let old = json!({ "sql_hash": ticket["sql_hash"] });
    let told = stage.both("bob", &format!("/v1/tickets/{id}/approve"), &old).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn an_amendment_after_the_approval_voids_it_and_drops_the_task() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, WHOLE, "2026-11-23 08:00").await?;
    let id = &ticket["id"];
    let approved = stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    let task = &approved["task"]["id"];
    let amend = json!({ "sql": format!("{WHOLE} -- again") });
    let amended = stage.post("ann", &format!("/v1/tickets/{id}/amend"), &amend).await?.ok()?;
    ensure!(amended["state"] == "awaiting_choice" && amended["decided_by"] == Value::Null, "{amended:#}");
    ensure!(amended["due_at"] == Value::Null && amended["task"] == Value::Null, "{amended:#}");
    ensure!(amended["when"]["kind"] == "at", "the time asked for stays: {amended:#}");
    let dropped = stage.get("bob", &format!("/v1/tasks/{task}")).await?.ok()?;
    ensure!(dropped["state"] == "cancelled", "{dropped:#}");
    Ok(())
}

/// Pause and run, again and again, would keep it alive for ever.
#[tokio::test]
async fn who_runs_his_own_ticket_does_not_prolong_its_approval() -> Result<()> {
    let stage = Stage::start().await?;
    let body = json!({ "service_group": "shop", "database": "shop", "sql": WHOLE, "reason": "r", "when": "2026-11-23 08:00" });
    let own = stage.post("bob", "/v1/tickets", &body).await?.ok()?;
    stage.post("bob", &format!("/v1/tickets/{}/send-to-dba", own["id"]), &json!({})).await?.ok()?;
    let path = format!("/v1/tickets/{}", own["id"]);
    let approved = stage.post("mei", &format!("{path}/approve"), &json!({})).await?.ok()?;
    stage.later(TimeDelta::hours(2));
    let ran = stage.post("bob", &format!("{path}/run"), &json!({})).await?.ok()?;
    ensure!(ran["approval_expires_at"] == approved["approval_expires_at"], "{ran:#}");
    let ran = stage.post("mei", &format!("{path}/run"), &json!({})).await?.ok()?;
    ensure!(
        ran["approval_expires_at"] != approved["approval_expires_at"],
        "another vouches for it anew: {ran:#}"
    );
    stage.later(TimeDelta::hours(24));
    insta::assert_snapshot!(stage.both("mei", &format!("{path}/run"), &json!({})).await?);
    Ok(())
}

#[tokio::test]
async fn a_time_that_passed_before_the_approval_is_refused_and_never_run_late() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, WHOLE, "2026-11-22 21:00").await?;
    stage.later(TimeDelta::hours(2));
    let told = stage.both("bob", &format!("/v1/tickets/{}/approve", ticket["id"]), &json!({})).await?;
    insta::assert_snapshot!(told);
    let still = stage.get("bob", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(still["state"] == "awaiting_approval", "{still:#}");
    Ok(())
}
