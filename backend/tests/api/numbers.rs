//! What `/metrics` says of tasks, and that the dashboard asks for nothing else.

use crate::stage::{SMALL, Stage};
use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use std::{collections::BTreeSet, path::Path};

async fn scraped(stage: &Stage) -> Result<String> {
    let metrics = stage.get("", "/metrics").await?.ok()?;
    Ok(metrics.as_str().context("text")?.to_owned())
}

/// The names of metrics in a text, without what histograms and counters put behind them.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = words.filter(|word| word.starts_with("dbdesk_"));
    ours.map(|word| {
        let bare = ["_bucket", "_count", "_sum", "_total"].iter().find_map(|end| word.strip_suffix(end));
        bare.unwrap_or(word).to_owned()
    })
    .collect()
}

#[tokio::test]
async fn the_dashboard_names_only_what_is_exported_and_all_that_is_about_tasks() -> Result<()> {
    let stage = Stage::start().await?;
    // What has no value yet is not written.
    scraped(&stage).await?;
    for _ in 0..2 {
        stage.submit(SMALL).await?;
    }
    stage.post("bob", "/v1/tickets/1/cancel", &json!({})).await?.ok()?;
    let first = scraped(&stage).await?;
    ensure!(!first.is_empty(), "it counts from here on");
    stage.post("bob", "/v1/tickets/2/cancel", &json!({})).await?.ok()?;
    stage.submit(SMALL).await?;
    let types = scraped(&stage).await?;
    let exported: BTreeSet<String> =
        types.lines().filter(|line| line.starts_with("# TYPE")).flat_map(names).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/grafana/dbdesk.json");
    let board: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let panels = board["panels"].as_array().context("panels")?.iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let asked: BTreeSet<String> =
        targets.filter_map(|target| target["expr"].as_str()).flat_map(names).collect();
    let unknown: Vec<_> = asked.difference(&exported).collect();
    ensure!(unknown.is_empty(), "the dashboard asks for {unknown:?}; there are {exported:?}");
    let about_tasks =
        exported.iter().filter(|name| name.starts_with("dbdesk_task") || name.starts_with("dbdesk_control"));
    let unseen: Vec<_> = about_tasks.filter(|name| !asked.contains(*name)).collect();
    ensure!(unseen.is_empty() && asked.len() > 10, "the dashboard does not show {unseen:?}");
    Ok(())
}

#[tokio::test]
async fn tasks_are_counted_by_where_they_stand_and_by_what_became_of_them() -> Result<()> {
    let stage = Stage::start().await?;
    for when in ["quiet", "quiet", "now", "now", "now"] {
        stage.submit_at(SMALL, when).await?;
    }
    // From here on it counts what happens.
    scraped(&stage).await?;
    stage.post("bob", "/v1/tickets/1/pause", &json!({})).await?.ok()?;
    stage.post("bob", "/v1/tickets/2/prioritise", &json!({ "priority": "high" })).await?.ok()?;
    stage
        .store
        .sql(
            "UPDATE desk.task SET waits = '{\"for\":\"room\"}' WHERE id = 3; \
             UPDATE desk.task SET state = 'running', silent = 1, lease_until = UTC_TIMESTAMP(3) + INTERVAL 5 SECOND WHERE id = 4; \
             UPDATE desk.task SET state = 'lost', due_at = '2026-11-22 12:00:00', started_at = '2026-11-22 12:00:02', \
             ended_at = '2026-11-22 12:01:02' WHERE id = 5; \
             INSERT INTO desk.entry (ticket_id, task_id, at, event, version) VALUES \
             (5, 5, '2026-11-22 12:00:02', '{\"kind\":\"started\",\"host\":\"a\",\"pid\":1,\"epoch\":1}', 1), \
             (5, 5, '2026-11-22 12:01:02', '{\"kind\":\"ended\",\"state\":\"lost\",\"done\":0,\"total\":1,\"cause\":null}', 1); \
             INSERT INTO desk.control (name, host, boot_id, pid, pid_start, version, protocol, labels, tasks_at_once, wish, \
             started_at, seen_at) VALUES \
             ('a', 'a', 'b', 1, 1, '1', 1, '[]', 8, 'go', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)), \
             ('b', 'a', 'b', 2, 2, '1', 1, '[]', 8, 'drain', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))",
        )
        .await?;
    let text = scraped(&stage).await?;
    for line in [
        "dbdesk_tasks_open{state=\"waiting\",queue=\"\",priority=\"high\"} 1",
        "dbdesk_tasks_open{state=\"waiting\",queue=\"\",priority=\"normal\"} 1",
        "dbdesk_tasks_due{reason=\"room\"} 1",
        "dbdesk_tasks_silent 1",
        "dbdesk_tasks_held 1",
        "dbdesk_tasks_ended_total{state=\"lost\"} 1",
        "dbdesk_task_start_lateness_seconds_sum 2.0",
        "dbdesk_task_run_seconds_sum 60.0",
        "dbdesk_controls{state=\"working\"} 1",
        "dbdesk_controls{state=\"draining\"} 1",
    ] {
        ensure!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    let age = text
        .lines()
        .find_map(|line| line.strip_prefix("dbdesk_task_heartbeat_age_seconds "))
        .context("age")?;
    ensure!((19.0..30.0).contains(&age.parse::<f64>()?), "a lease of 25 s with 5 s left: {age}");
    let again = scraped(&stage).await?;
    ensure!(
        again.contains("dbdesk_tasks_ended_total{state=\"lost\"} 1"),
        "each end is counted once: {again}"
    );
    Ok(())
}
