//! The desk's own parts fail: each is told plainly and soon, and all goes on when they are back.

use crate::stage::{SMALL, Stage, submission};
use anyhow::{Result, ensure};
use std::time::Duration;
use tokio::time::Instant;

const SOON: Duration = Duration::from_secs(8);

#[tokio::test]
async fn our_own_database_down_is_told_soon_and_nothing_is_lost() -> Result<()> {
    let mut stage = Stage::start().await?;
    stage.submit(SMALL).await?;
    stage.store.kill()?;
    let asked = Instant::now();
    let told = stage.both("ann", "/v1/tickets", &submission(SMALL, "now")).await?;
    ensure!(asked.elapsed() < 2 * SOON, "{:?}", asked.elapsed());
    insta::assert_snapshot!(told);
    let health = stage.get("", "/healthz").await?.ok()?;
    ensure!(health["store"] == "down", "{health:#}");
    ensure!(stage.get("", "/metrics").await?.status == 200, "metrics answer");
    stage.store.restart().await?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["id"] == 2, "it goes on by itself: {ticket:#}");
    Ok(())
}

#[tokio::test]
async fn our_own_database_hanging_is_told_soon() -> Result<()> {
    let mut stage = Stage::with(|config| config.api.request_timeout_ms = 4_000).await?;
    stage.submit(SMALL).await?;
    stage.store.freeze()?;
    let asked = Instant::now();
    let answer = stage.get("ann", "/v1/tickets").await;
    let took = asked.elapsed();
    stage.store.thaw()?;
    answer?.refused("store-down")?;
    ensure!(took < SOON, "{took:?}");
    Ok(())
}

#[tokio::test]
async fn without_redis_everything_still_works() -> Result<()> {
    let mut stage = Stage::start().await?;
    stage.redis.kill()?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["state"] == "scheduled", "{ticket:#}");
    Ok(())
}

#[tokio::test]
async fn a_fault_of_ours_carries_the_requests_id_and_no_detail() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    stage.store.sql("UPDATE desk.ticket SET state = 'asleep'").await?;
    let fault = stage.get("ann", &format!("/v1/tickets/{}", ticket["id"])).await?.refused("fault")?;
    let id = fault["instance"].as_str().unwrap_or_default();
    ensure!(id.len() == 16 && fault["detail"].to_string().contains(id), "{fault:#}");
    ensure!(!fault.to_string().contains("asleep"), "{fault:#}");
    Ok(())
}

#[tokio::test]
async fn more_requests_than_it_can_answer_are_told_to_come_again() -> Result<()> {
    let stage = Stage::with(|config| config.api.requests_at_once = 1).await?;
    let waits = tokio::spawn({
        let asked = stage.ask("bot", reqwest::Method::GET, "/v1/cards/behind?wait_s=20");
        async move {
            // Whoever asks below may have the only place just then.
            lab::until("a place to wait", 2 * SOON, || async {
                let again = asked.try_clone().expect("it has no body").send().await?;
                ensure!(again.status() == 200, "{again:?}");
                Ok(())
            })
            .await
        }
    });
    let refused = lab::until("the place to be taken", SOON, || async {
        let answer = stage.get("", "/healthz").await?;
        ensure!(answer.status == 429, "{answer:?}");
        Ok(answer)
    })
    .await?;
    refused.refused("too-many")?;
    waits.abort();
    lab::until("the place to be free again", SOON, || async {
        stage.get("", "/healthz").await?.ok().map(|_| ())
    })
    .await
}
