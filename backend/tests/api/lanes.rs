//! Whoever follows a ticket on several service groups hears all its lanes.

use crate::{
    stage::{SMALL, Stage},
    watch::{LIMIT, reads},
};
use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::id::{TaskId, TicketId};
use dbdesk_store::task_line::{self, Lines};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

/// Another lane of the run of `first`, made as that one is.
async fn beside(stage: &Stage, first: TaskId) -> Result<TaskId> {
    sqlx::query("UPDATE task SET lane_of = id WHERE id = ?").bind(first.0).execute(&stage.pool).await?;
    let made = sqlx::query(
        "INSERT INTO task (ticket_id, revision, service_group_id, state, due_at, created_at, total, lane_of, epoch) \
         SELECT ticket_id, revision, service_group_id, 'running', due_at, created_at, total, id, 1 FROM task WHERE id = ?",
    )
    .bind(first.0)
    .execute(&stage.pool)
    .await?;
    Ok(TaskId(made.last_insert_id()))
}

async fn says(stage: &Stage, task: TaskId, from: u32, lines: std::ops::RangeInclusive<u32>) -> Result<()> {
    let lines = lines.map(|n| (stage.now(), format!("{task} says {n}"))).collect();
    task_line::add(&stage.pool, task, &Lines { before: from, lines }).await?;
    Ok(())
}

async fn is_at(stage: &Stage, task: TaskId, elapsed_ms: u64) -> Result<()> {
    let progress = format!(r#"{{"index":0,"total":1,"elapsed_ms":{elapsed_ms},"stage":"{task}"}}"#);
    sqlx::query("UPDATE task SET progress = ?, progress_at = UTC_TIMESTAMP(3), in_flight = 0 WHERE id = ?")
        .bind(progress)
        .bind(task.0)
        .execute(&stage.pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn the_lines_and_the_progress_of_every_lane_are_heard_each_once() -> Result<()> {
    /// More than one look reads.
    const MANY: u32 = 250;
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    let id = TicketId(ticket["id"].as_u64().context("a number")?);
    stage.claimed(&ticket["id"]).await?;
    let view = stage.get("ann", &format!("/v1/tickets/{}", id.0)).await?.ok()?;
    let one = TaskId(view["task"]["id"].as_u64().context("a task")?);
    let two = beside(&stage, one).await?;
    says(&stage, one, 0, 1..=MANY).await?;
    says(&stage, two, 0, 1..=3).await?;
    is_at(&stage, one, 1_000).await?;
    is_at(&stage, two, 1_000).await?;
    let response = stage.ask("ann", Method::GET, &format!("/v1/tickets/{}/events", id.0)).send().await?;
    let (mut stream, mut text) = (response.bytes_stream(), String::new());
    let wanted = [format!("\"{one} says {MANY}\""), format!("\"{two} says 3\"")];
    timeout(LIMIT, reads(&mut stream, &mut text, wanted)).await??;
    let stages =
        [one, two].map(|task| format!("\"task\":{},\"index\":0,\"total\":1,\"elapsed_ms\":1000", task.0));
    timeout(LIMIT, reads(&mut stream, &mut text, stages.clone())).await??;
    // They go on in turns, and one of them only.
    says(&stage, two, 3, 4..=5).await?;
    is_at(&stage, two, 2_000).await?;
    says(&stage, one, MANY, MANY + 1..=MANY + 1).await?;
    let wanted = [format!("\"{two} says 5\""), format!("\"{one} says {}\"", MANY + 1)];
    timeout(LIMIT, reads(&mut stream, &mut text, wanted)).await??;
    let later = format!("\"task\":{},\"index\":0,\"total\":1,\"elapsed_ms\":2000", two.0);
    timeout(LIMIT, reads(&mut stream, &mut text, [later.clone(), later])).await??;
    stage.store.sql(&format!("UPDATE desk.ticket SET state = 'done' WHERE id = {}", id.0)).await?;
    let rest = async {
        while let Some(chunk) = stream.next().await {
            text.push_str(std::str::from_utf8(&chunk?)?);
        }
        Ok::<_, anyhow::Error>(())
    };
    timeout(LIMIT, rest).await??;
    ensure!(text.matches("event: line\n").count() == (MANY + 6) as usize, "each line once:\n{text}");
    for task in [one, two] {
        let of: Vec<_> =
            text.lines().filter(|line| line.contains(&format!("\"text\":\"{task} says"))).collect();
        ensure!(
            of.iter().all(|line| line.contains(&format!("\"task\":{}", task.0))),
            "each names its task: {of:?}"
        );
    }
    ensure!(stages.iter().all(|stage| text.matches(stage.as_str()).count() == 1), "each state once:\n{text}");
    Ok(())
}

const THREE: &str = "UPDATE orders SET note = 'a' WHERE id = 1; UPDATE orders SET note = 'b' WHERE id = 2; \
     UPDATE orders SET note = 'c' WHERE id = 3;";

/// A ticket that was lost on two service groups: the first statement in the shop, the second in shipping.
pub async fn lost_on_two(stage: &Stage) -> Result<Value> {
    let ticket = stage.submit(THREE).await?;
    let id = &ticket["id"];
    stage.claimed(id).await?;
    let script = format!(
        r#"SET @shop = (SELECT id FROM desk.service_group WHERE name = 'shop');
           SET @shipping = (SELECT id FROM desk.service_group WHERE name = 'shipping');
           UPDATE desk.ticket_revision SET spread = CONCAT('{{"shards":[{{"group":', @shop, ',"database":"shop","statements":[0]}},',
               '{{"group":', @shipping, ',"database":"parcels","statements":[1,2]}}]}}') WHERE ticket_id = {id};
           UPDATE desk.task SET lane_of = id, state = 'lost', todo = '[0]', in_flight = 0, database_name = 'shop' WHERE ticket_id = {id};
           INSERT INTO desk.task (ticket_id, revision, service_group_id, state, due_at, created_at, done, total, lane_of, epoch, todo, in_flight)
               SELECT ticket_id, revision, @shipping, 'lost', due_at, created_at, 1, total, id, 1, '[1,2]', 1 FROM desk.task WHERE ticket_id = {id};
           UPDATE desk.ticket SET state = 'lost', version = version + 1 WHERE id = {id}"#
    );
    stage.store.sql(&script).await?;
    Ok(ticket)
}

async fn tasks(stage: &Stage, id: &Value) -> Result<String> {
    let sql = format!(
        "SELECT CONCAT_WS(' ', state, todo, done, COALESCE(in_flight, '-')) FROM desk.task WHERE ticket_id = {id} ORDER BY id"
    );
    stage.store.sql(&sql).await
}

#[tokio::test]
async fn where_two_service_groups_are_lost_each_is_said_of_by_its_name() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = lost_on_two(&stage).await?;
    let id = &ticket["id"];
    let (skip, retry) = (format!("/v1/tickets/{id}/skip"), format!("/v1/tickets/{id}/retry"));
    let mut told = stage.both("bob", &skip, &json!({})).await?;
    told += &stage.both("bob", &retry, &json!({ "confirm": "shops" })).await?;
    let view = stage.post("bob", &skip, &json!({ "confirm": "shipping" })).await?.ok()?;
    ensure!(view["state"] == "lost", "the shop is not known yet: {view:#}");
    ensure!(tasks(&stage, id).await? == "lost [0] 0 0\nlost [1,2] 2 -", "{}", tasks(&stage, id).await?);
    told += &stage.both("mei", &skip, &json!({ "confirm": "shipping" })).await?;
    insta::assert_snapshot!(told);
    let view = stage.post("mei", &retry, &json!({ "confirm": "shop" })).await?.ok()?;
    ensure!(view["state"] == "scheduled", "{view:#}");
    let after = tasks(&stage, id).await?;
    ensure!(after == "lost [0] 0 0\nlost [1,2] 2 -\nready [0] 0 -", "the first table alone again: {after}");
    ensure!(stage.story(id).await?.ends_with("skipped retried"), "{}", stage.story(id).await?);
    Ok(())
}

#[tokio::test]
async fn what_did_not_run_on_one_of_two_is_said_before_anything_goes_on() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = lost_on_two(&stage).await?;
    let id = &ticket["id"];
    let (skip, retry) = (format!("/v1/tickets/{id}/skip"), format!("/v1/tickets/{id}/retry"));
    let view = stage.post("bob", &retry, &json!({ "confirm": "shipping" })).await?.ok()?;
    ensure!(view["state"] == "lost", "{view:#}");
    stage.post("bob", &skip, &json!({ "confirm": "shop" })).await?.ok()?;
    let after = tasks(&stage, id).await?;
    ensure!(after == "lost [0] 1 -\nlost [1,2] 1 -\nready [1,2] 1 -", "{after}");
    ensure!(stage.story(id).await?.ends_with("not_ran skipped"), "{}", stage.story(id).await?);
    Ok(())
}
