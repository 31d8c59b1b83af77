//! Whoever waits for news hears them at once, also without Redis.

use crate::stage::{SMALL, Stage};
use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::{
    id::{TaskId, TicketId},
    wire::live::Progress,
};
use dbdesk_schedule::{Waker, wake};
use dbdesk_store::{
    live,
    run::Lease,
    task_line::{self, Lines},
};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, timeout};

pub const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_long_poll_is_answered_when_a_ticket_moves() -> Result<()> {
    let mut stage = Stage::start().await?;
    stage.redis.kill()?;
    let mut fastest = LIMIT;
    for _ in 0..3 {
        let waiting = tokio::spawn({
            let request = stage.ask("bot", Method::GET, "/v1/cards/behind?wait_s=20");
            async move { (crate::stage::answer(request).await, Instant::now()) }
        });
        stage.get("", "/healthz").await?.ok()?;
        let ticket = stage.submit(SMALL).await?;
        let filed = Instant::now();
        let (behind, answered) = timeout(LIMIT, waiting).await??;
        let behind = behind?.ok()?;
        ensure!(behind["cards"][0]["ticket"] == ticket["id"], "{behind:#}");
        fastest = fastest.min(answered.saturating_duration_since(filed));
        let place = json!({ "channel_id": "1", "message_id": "2", "told_entry": ticket["last_entry"] });
        let put = stage.ask("bot", Method::PUT, &format!("/v1/tickets/{}/card", ticket["id"])).json(&place);
        ensure!(crate::stage::answer(put).await?.status == 204, "told");
    }
    ensure!(fastest < Duration::from_millis(250), "it looks by itself only: {fastest:?}");
    Ok(())
}

#[tokio::test]
async fn the_events_of_a_ticket_come_as_they_happen_and_end_with_it() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let path = format!("/v1/tickets/{}/events", ticket["id"]);
    let response = stage.ask("ann", Method::GET, &path).send().await?;
    let kind = response.headers().get("content-type").context("a content type")?.to_str()?.to_owned();
    ensure!(kind == "text/event-stream", "{kind}");
    let mut stream = response.bytes_stream();
    let mut text = String::new();
    while !text.contains("\"approved\"") {
        let chunk = timeout(LIMIT, stream.next()).await?.context("it ended early")??;
        text.push_str(std::str::from_utf8(&chunk)?);
    }
    stage.post("ann", &format!("/v1/tickets/{}/withdraw", ticket["id"]), &json!({})).await?.ok()?;
    while let Some(chunk) = timeout(LIMIT, stream.next()).await? {
        text.push_str(std::str::from_utf8(&chunk?)?);
    }
    let ids: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("id: ")).collect();
    ensure!(ids == ["1", "2", "3"], "each entry once:\n{text}");
    let rest = stage.ask("ann", Method::GET, &path).header("Last-Event-ID", "2").send().await?.text().await?;
    ensure!(rest.contains("id: 3") && !rest.contains("id: 2"), "{rest}");
    Ok(())
}

/// How far the work of a ticket is, said as its process says it; gives when.
#[tokio::test]
async fn who_may_not_see_a_ticket_any_more_hears_no_more_of_it() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit_at(SMALL, "quiet").await?;
    let path = format!("/v1/tickets/{}/events", ticket["id"]);
    let mut stream = stage.ask("bob", Method::GET, &path).send().await?.bytes_stream();
    timeout(LIMIT, stream.next()).await?.context("it ended early")??;
    let none =
        "DELETE FROM desk.person_role WHERE person_id = (SELECT id FROM desk.person WHERE name = 'bob')";
    stage.store.sql(none).await?;
    while let Some(chunk) = timeout(LIMIT, stream.next()).await? {
        chunk?;
    }
    Ok(())
}

async fn said(stage: &Stage, lease: &Lease, permille: u16) -> Result<Instant> {
    let progress = Progress {
        index: 0,
        total: 1,
        elapsed_ms: u64::from(permille) * 1_000,
        stage: "copy to tmp table".into(),
        permille: Some(permille),
        rows: None,
        blocker: None,
        online: None,
        script: None,
    };
    live::put(&stage.pool, lease, &progress).await?;
    let lines = vec![(stage.now(), format!("line {permille}"))];
    let lines = Lines { before: u32::from(permille) - 1, lines };
    task_line::add(&stage.pool, lease.task, &lines).await?;
    Ok(Instant::now())
}

/// Reads on until all of these stand there.
pub async fn reads(
    stream: &mut (impl futures_util::Stream<Item = reqwest::Result<impl AsRef<[u8]>>> + Unpin),
    text: &mut String,
    wanted: [String; 2],
) -> Result<()> {
    while !wanted.iter().all(|wanted| text.contains(wanted)) {
        let chunk = stream.next().await.context("it ended early")??;
        text.push_str(std::str::from_utf8(chunk.as_ref())?);
    }
    Ok(())
}

#[tokio::test]
async fn how_far_work_is_and_its_lines_come_at_once_with_redis_and_without_it_within_moments() -> Result<()> {
    let mut stage = Stage::start().await?;
    let hearing = tokio::spawn({
        let (redis, live) = (stage.desk.redis.clone(), stage.desk.live.clone());
        async move { wake::listen_live(&redis, move |ticket| live.ring(ticket)).await }
    });
    let waker = Waker::start(&stage.desk.redis);
    let tell = waker.live_hand();
    let ticket = stage.submit(SMALL).await?;
    let id = TicketId(ticket["id"].as_u64().context("a number")?);
    let place = json!({ "channel_id": "1", "message_id": "2", "thread_id": "2", "told_entry": 1 });
    let put = stage.ask("bot", Method::PUT, &format!("/v1/tickets/{}/card", id.0)).json(&place);
    ensure!(crate::stage::answer(put).await?.status == 204, "told");
    stage.claimed(&ticket["id"]).await?;
    stage.store.sql(&format!("UPDATE desk.task SET in_flight = 0 WHERE ticket_id = {}", id.0)).await?;
    let view = stage.get("ann", &format!("/v1/tickets/{}", id.0)).await?.ok()?;
    let task = TaskId(view["task"]["id"].as_u64().context("a task")?);
    let lease = Lease { task, ticket: id, epoch: 1 };
    let response = stage.ask("ann", Method::GET, &format!("/v1/tickets/{}/events", id.0)).send().await?;
    let (mut stream, mut text) = (response.bytes_stream(), String::new());
    let mut cursor = 0;
    let mut waits = [Vec::new(), Vec::new()];
    for n in 1..=20 {
        let without = usize::from(n > 10);
        if n == 11 {
            stage.redis.kill()?;
        }
        let bot = stage.ask("bot", Method::GET, &format!("/v1/live?after={cursor}&wait_s=20"));
        let bot = tokio::spawn(async move { (crate::stage::answer(bot).await, Instant::now()) });
        stage.get("", "/healthz").await?.ok().ok();
        let at = said(&stage, &lease, n).await?;
        tell(id);
        let wanted = [format!("\"permille\":{n}}}"), format!("\"text\":\"line {n}\"")];
        timeout(LIMIT, reads(&mut stream, &mut text, wanted)).await??;
        let read = at.elapsed();
        let (page, answered) = timeout(LIMIT, bot).await??;
        let page = page?.ok()?;
        cursor = page["cursor"].as_u64().context("a cursor")?;
        ensure!(page["tickets"][0]["progress"]["permille"] == n, "{page:#}");
        waits[without].push(read.max(answered.saturating_duration_since(at)));
    }
    for (wait, how) in waits.iter_mut().zip(["with Redis", "without Redis"]) {
        wait.sort();
        eprintln!("progress in the store → script and bot, {how}: p50 {:?}, longest {:?}", wait[5], wait[9]);
    }
    ensure!(waits[0][5] < Duration::from_millis(300), "it looks by itself only: {waits:?}");
    ensure!(waits[1][9] < Duration::from_secs(5), "without Redis it takes {waits:?}");
    ensure!(text.matches("event: line\n").count() == 20, "each line once:\n{text}");
    ensure!(text.contains("event: progress\n"), "{text}");
    hearing.abort();
    Ok(())
}

#[tokio::test]
async fn the_last_lines_of_a_task_are_told_also_when_another_follows_it_at_once() -> Result<()> {
    const LAST: u16 = 450;
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    let id = TicketId(ticket["id"].as_u64().context("a number")?);
    stage.claimed(&ticket["id"]).await?;
    let view = stage.get("ann", &format!("/v1/tickets/{}", id.0)).await?.ok()?;
    let task = TaskId(view["task"]["id"].as_u64().context("a task")?);
    let response = stage.ask("ann", Method::GET, &format!("/v1/tickets/{}/events", id.0)).send().await?;
    let (mut stream, mut text) = (response.bytes_stream(), String::new());
    let line = |n: u16| (stage.now(), format!("line {n}"));
    task_line::add(&stage.pool, task, &Lines { before: 0, lines: vec![line(1)] }).await?;
    timeout(LIMIT, reads(&mut stream, &mut text, ["line 1".into(), "line".into()])).await??;
    let next = TaskId(task.0 + 1);
    let mut tx = dbdesk_store::begin(&stage.pool).await?;
    let rest = Lines { before: 1, lines: (2..=LAST).map(line).collect() };
    task_line::add(&mut *tx, task, &rest).await?;
    task_line::add(&mut *tx, next, &Lines { before: 0, lines: vec![(stage.now(), "of the next".into())] })
        .await?;
    sqlx::query("UPDATE ticket SET task_id = ? WHERE id = ?")
        .bind(next.0)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    let wanted = [format!("\"text\":\"line {LAST}\""), "of the next".to_owned()];
    timeout(LIMIT, reads(&mut stream, &mut text, wanted)).await??;
    ensure!(text.matches("event: line\n").count() == usize::from(LAST) + 1, "each line once:\n{text}");
    Ok(())
}
