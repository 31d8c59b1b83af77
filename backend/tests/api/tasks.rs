//! Lists of tasks, their logs, and the queue.

use crate::stage::{SMALL, Stage};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// The numbers of the tasks in a page.
fn numbers(page: &Value) -> Vec<u64> {
    page["tasks"].as_array().into_iter().flatten().filter_map(|task| task["id"].as_u64()).collect()
}

#[tokio::test]
async fn tasks_are_listed_by_what_they_do_and_where() -> Result<()> {
    let stage = Stage::start().await?;
    for _ in 0..4 {
        stage.submit_at(SMALL, "quiet").await?;
    }
    stage
        .store
        .sql(
            "UPDATE desk.task SET state = 'running', host = 'north' WHERE id = 2; \
             UPDATE desk.task SET state = 'running', host = 'south', silent = 1 WHERE id = 3; \
             UPDATE desk.task SET state = 'failed', host = 'north', silent = 1 WHERE id = 4",
        )
        .await?;
    for (query, expected) in [
        ("", vec![4, 3, 2, 1]),
        ("?which=open", vec![3, 2, 1]),
        ("?which=running", vec![3, 2]),
        ("?which=silent", vec![3]),
        ("?which=ended", vec![4]),
        ("?state=waiting", vec![1]),
        ("?host=north", vec![4, 2]),
        ("?service_group=shop&host=south", vec![3]),
        ("?service_group=shipping", vec![]),
        ("?limit=2&before=K-4", vec![3, 2]),
    ] {
        let page = stage.get("ann", &format!("/v1/tasks{query}")).await?.ok()?;
        ensure!(numbers(&page) == expected, "{query}: {page:#}");
    }
    let page = stage.get("ann", "/v1/tasks?limit=1").await?.ok()?;
    ensure!(page["next_before"] == 4 && page["tasks"][0]["service_group"] == "shop", "{page:#}");
    ensure!(page["tasks"][0]["silent"] == Value::Null, "what ended is not waited for: {page:#}");
    for query in ["?which=some", "?state=gone", "?limit=x", "?hots=x"] {
        stage.get("ann", &format!("/v1/tasks{query}")).await?.refused("bad-request")?;
    }
    stage.get("ann", "/v1/tasks?service_group=shpo").await?.refused("unknown-group")?;
    Ok(())
}

#[tokio::test]
async fn the_log_of_a_task_is_its_entries_and_the_lines_of_its_process() -> Result<()> {
    let stage = Stage::start().await?;
    stage.submit_at(SMALL, "quiet").await?;
    let rows: Vec<String> = (1..=1_001).map(|n| format!("(1, {n}, UTC_TIMESTAMP(3), 'line {n}')")).collect();
    stage.store.sql(&format!("INSERT INTO desk.task_line VALUES {}", rows.join(","))).await?;
    let log = stage.get("ann", "/v1/tasks/K-1/log").await?.ok()?;
    ensure!(log["entries"][0]["event"]["kind"] == "approved" && log["more"] == true, "{log:#}");
    ensure!(log["lines"].as_array().context("lines")?.len() == 1_000, "at most a thousand");
    let rest = stage.get("ann", "/v1/tasks/1/log?after_line=1000&after_entry=1000").await?.ok()?;
    ensure!(rest["lines"][0]["text"] == "line 1001" && rest["entries"] == json!([]), "{rest:#}");
    ensure!(rest["more"] == false, "{rest:#}");
    stage.get("ann", "/v1/tasks/K-77/log").await?.refused("not-found")?;
    stage.get("ann", "/v1/tasks/seven/log").await?.refused("not-found")?;
    stage.get("ann", "/v1/tasks/1/log?after_line=-1").await?.refused("bad-request")?;
    Ok(())
}

#[tokio::test]
async fn the_queue_tells_what_waits_what_runs_and_where() -> Result<()> {
    let stage = Stage::start().await?;
    let empty = stage.get("ann", "/v1/queue").await?.ok()?;
    ensure!(empty["machines"] == json!([]) && empty["counts"]["ready"] == 0, "{empty:#}");
    for when in ["quiet", "quiet", "now", "now", "now", "now"] {
        stage.submit_at(SMALL, when).await?;
    }
    stage.post("bob", "/v1/tickets/2/pause", &json!({})).await?.ok()?;
    stage.post("bob", "/v1/tickets/6/prioritise", &json!({ "priority": "high" })).await?.ok()?;
    stage
        .store
        .sql(
            "UPDATE desk.task SET state = 'running', host = 'north', silent = id = 4 WHERE id IN (3, 4); \
             INSERT INTO desk.control (name, host, boot_id, pid, pid_start, version, protocol, labels, tasks_at_once, wish, \
             started_at, seen_at) VALUES \
             ('north-1', 'north', 'b', 1, 1, '1', 1, '[]', 8, 'go', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)), \
             ('north-2', 'north', 'b', 2, 2, '1', 1, '[]', 8, 'drain', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)), \
             ('old', 'gone', 'b', 3, 3, '1', 1, '[]', 8, 'go', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) - INTERVAL 2 MINUTE)",
        )
        .await?;
    let queue = stage.get("ann", "/v1/queue").await?.ok()?;
    let counts = json!({ "waiting": 1, "held": 1, "ready": 2, "running": 2, "paused": 0, "silent": 1 });
    ensure!(queue["counts"] == counts, "{queue:#}");
    let north = &queue["machines"][0];
    ensure!(north["controls"] == 2 && north["draining"] == 1 && north["tasks_at_once"] == 8, "{north:#}");
    ensure!(north["running"] == 2 && queue["machines"][1] == Value::Null, "{queue:#}");
    ensure!(queue["running"][0]["id"] == 4, "what does not answer comes first: {queue:#}");
    let ready: Vec<_> = queue["ready"].as_array().context("ready")?.iter().map(|line| &line["id"]).collect();
    ensure!(ready == [6, 5], "by priority: {ready:?}");
    Ok(())
}
