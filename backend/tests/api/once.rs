//! A request with an Idempotency-Key is done once, whatever happens.

use crate::stage::{Answer, SMALL, Stage, WHOLE, answer, line, submission};
use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

async fn post(stage: &Stage, who: &str, key: &str, path: &str, body: &Value) -> Result<Answer> {
    answer(stage.ask(who, Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

async fn tickets(stage: &Stage) -> Result<usize> {
    let all = stage.get("ann", "/v1/tickets").await?.ok()?;
    Ok(all["tickets"].as_array().context("tickets")?.len())
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_answer_and_another_is_refused() -> Result<()> {
    let stage = Stage::start().await?;
    let body = submission(SMALL, "now");
    let first = post(&stage, "ann", "k1", "/v1/tickets", &body).await?;
    ensure!(first.status == 201, "{first:?}");
    let again = post(&stage, "ann", "k1", "/v1/tickets", &body).await?;
    ensure!(again.status == 201 && again.body == first.body, "{again:?}");
    let other = post(&stage, "ann", "k1", "/v1/tickets", &submission(WHOLE, "now")).await?;
    let mut told = line(&other.refused("idempotency-mismatch")?);
    let path = format!("/v1/tickets/{}/withdraw", first.body["id"]);
    post(&stage, "ann", "k1", &path, &json!({})).await?.refused("idempotency-mismatch")?;
    told += &line(&post(&stage, "ann", "k 1", "/v1/tickets", &body).await?.refused("bad-request")?);
    insta::assert_snapshot!(told);
    ensure!(tickets(&stage).await? == 1, "one ticket");
    let mine = post(&stage, "wei", "k1", "/v1/tickets", &body).await?;
    ensure!(mine.status == 201 && mine.body["id"] != first.body["id"], "a key is one person's: {mine:?}");
    Ok(())
}

#[tokio::test]
async fn the_same_request_many_times_at_once_files_one_ticket() -> Result<()> {
    let stage = Stage::start().await?;
    let body = submission(SMALL, "now");
    let all =
        futures_util::future::join_all((0..6).map(|_| post(&stage, "ann", "k", "/v1/tickets", &body))).await;
    for answer in all {
        let answer = answer?;
        ensure!(answer.status == 201 && answer.body["id"] == 1, "{answer:?}");
    }
    ensure!(tickets(&stage).await? == 1, "one ticket");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_was_never_kept_is_made_again() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = post(&stage, "ann", "k1", "/v1/tickets", &submission(WHOLE, "now")).await?.ok()?;
    let button = stage.button(&ticket["id"], "withdraw").await?;
    let path = format!("/v1/buttons/{button}/press");
    post(&stage, "ann", "k2", &path, &json!({})).await?.ok()?;
    // As if the process had ended between the commit and the answer.
    stage.store.sql("UPDATE desk.idempotency SET body = '#1 ' WHERE idem_key = 'k1'").await?;
    stage.store.sql("UPDATE desk.idempotency SET body = '#1 withdraw' WHERE idem_key = 'k2'").await?;
    let again = post(&stage, "ann", "k1", "/v1/tickets", &submission(WHOLE, "now")).await?;
    ensure!(again.status == 201 && again.body["state"] == "withdrawn", "{again:?}");
    let pressed = post(&stage, "ann", "k2", &path, &json!({})).await?;
    ensure!(pressed.status == 200 && pressed.body["verb"] == "withdraw", "{pressed:?}");
    ensure!(pressed.body["ticket"]["id"] == 1, "{pressed:?}");
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_not_kept_and_what_it_needs_can_be_mended() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    post(&stage, "bob", "k", &path, &json!({})).await?.refused("wrong-state")?;
    stage.post("ann", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()?;
    post(&stage, "bob", "k", &path, &json!({})).await?.ok()?;
    let again = post(&stage, "bob", "k", &path, &json!({})).await?.ok()?;
    ensure!(again["state"] == "scheduled", "{again:#}");
    Ok(())
}

#[tokio::test]
async fn a_review_with_a_key_is_kept_as_well() -> Result<()> {
    let stage = Stage::start().await?;
    let first = post(&stage, "ann", "k", "/v1/reviews", &json!({ "sql": WHOLE })).await?.ok()?;
    let again = post(&stage, "ann", "k", "/v1/reviews", &json!({ "sql": WHOLE })).await?.ok()?;
    ensure!(first == again, "{again:#}");
    post(&stage, "ann", "k", "/v1/reviews", &json!({ "sql": SMALL }))
        .await?
        .refused("idempotency-mismatch")?;
    Ok(())
}
