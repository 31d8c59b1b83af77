//! Peak hours, freezes and a ticket's own window, seen from the front door.

use crate::stage::{SMALL, Stage, WHOLE, submission};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use serde_json::{Value, json};

/// It is 20:00 in Shanghai when the story begins.
const EVENING: &str = r#"[{"from":"19:00","to":"21:30"}]"#;

async fn with_peak(hours: &str) -> Result<Stage> {
    let stage = Stage::start().await?;
    let script = format!(
        "UPDATE desk.service_group SET spec = JSON_SET(spec, '$.peak', JSON_EXTRACT('{hours}', '$'))"
    );
    stage.store.sql(&script).await?;
    Ok(stage)
}

async fn waiting_for_a_dba(stage: &Stage, when: &str) -> Result<Value> {
    let ticket = stage.submit_at(WHOLE, when).await?;
    stage.post("ann", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()
}

#[tokio::test]
async fn what_is_asked_for_in_peak_hours_starts_when_they_end() -> Result<()> {
    let stage = with_peak(EVENING).await?;
    for when in ["now", "2026-11-22 21:00"] {
        let ticket = stage.submit_at(SMALL, when).await?;
        ensure!(
            ticket["due_at"] == "2026-11-22T13:30:00Z" && ticket["task"]["state"] == "waiting",
            "{ticket:#}"
        );
    }
    let later = stage.submit_at(SMALL, "2026-11-22 22:00").await?;
    ensure!(later["due_at"] == "2026-11-22T14:00:00Z", "{later:#}");
    Ok(())
}

#[tokio::test]
async fn a_window_bounds_the_start_and_the_approval() -> Result<()> {
    let stage = with_peak(EVENING).await?;
    let night = stage.submit_at(SMALL, "2026-11-23 02:00 to 05:00").await?;
    ensure!(night["when"]["kind"] == "between" && night["due_at"] == "2026-11-22T18:00:00Z", "{night:#}");
    ensure!(night["approval_expires_at"] == "2026-11-22T21:00:00Z", "not after its end: {night:#}");
    let open = stage.submit_at(SMALL, "2026-11-22 19:00 到 22:00").await?;
    ensure!(open["due_at"] == "2026-11-22T13:30:00Z", "the part that is no peak: {open:#}");
    let mut told = stage.both("ann", "/v1/tickets", &submission(SMALL, "2026-11-22 20:00 to 21:00")).await?;
    for when in
        ["2026-11-23 05:00 to 2026-11-23 02:00", "2026-11-22 02:00 to 05:00", "2026-11-23 02:00 to 25:00"]
    {
        told += &stage.both("ann", "/v1/tickets", &submission(SMALL, when)).await?;
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_window_that_is_over_is_approved_by_nobody() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting_for_a_dba(&stage, "2026-11-22 21:00 to 22:00").await?;
    stage.later(TimeDelta::hours(3));
    let approve = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("bob", &approve, &json!({})).await?.refused("invalid")?;
    let amend = format!("/v1/tickets/{}/amend", ticket["id"]);
    let body = json!({ "sql": SMALL, "when": "2026-11-23 02:00 to 05:00" });
    let amended = stage.post("ann", &amend, &body).await?.ok()?;
    ensure!(amended["state"] == "scheduled" && amended["due_at"] == "2026-11-22T18:00:00Z", "{amended:#}");
    Ok(())
}

#[tokio::test]
async fn a_dba_runs_it_now_in_peak_hours_and_never_in_a_freeze() -> Result<()> {
    let stage = with_peak(EVENING).await?;
    let ticket = stage.submit_at(SMALL, "2026-11-23 10:00").await?;
    let run = format!("/v1/tickets/{}/run", ticket["id"]);
    let freeze = json!({ "service_group": "all", "reason": "Double 11" });
    let freeze = stage.post("bob", "/v1/freezes", &freeze).await?.ok()?;
    insta::assert_snapshot!(stage.both("bob", &run, &json!({})).await?);
    stage.post("bob", &format!("/v1/freezes/{}/end", freeze["id"]), &json!({})).await?.ok()?;
    let ran = stage.post("bob", &run, &json!({})).await?.ok()?;
    ensure!(ran["task"]["state"] == "ready", "{ran:#}");
    ensure!(
        stage.store.sql("SELECT wish_at FROM desk.task").await?.starts_with("2026-11-22 12:00:00"),
        "it is let go"
    );
    Ok(())
}
