//! Whoever waits for news hears them at once, also without Redis.

use crate::stage::{SMALL, Stage};
use anyhow::{Context as _, Result, ensure};
use futures_util::StreamExt as _;
use reqwest::Method;
use serde_json::json;
use std::time::Duration;
use tokio::time::{Instant, timeout};

const LIMIT: Duration = Duration::from_secs(20);

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
