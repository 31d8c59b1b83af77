//! Emergencies: loud, short, and looked at by somebody else.

use crate::stage::{Stage, WHOLE, answer};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::service::alarming;
use reqwest::Method;
use serde_json::{Value, json};

fn on(group: &str, reason: &str) -> Value {
    json!({ "service_group": group, "reason": reason })
}

async fn alert(stage: &Stage) -> Result<Value> {
    let page = stage.get("bot", "/v1/notices/behind").await?.ok()?;
    page["notices"].as_array().and_then(|all| all.last()).cloned().context("a notice")
}

async fn notices(stage: &Stage) -> Result<usize> {
    let page = stage.get("bot", "/v1/notices/behind").await?.ok()?;
    Ok(page["notices"].as_array().context("notices")?.len())
}

/// A ticket of this person's that waits for a DBA.
async fn waiting(stage: &Stage, who: &str) -> Result<Value> {
    let body = json!({ "service_group": "shop", "database": "shop", "sql": WHOLE, "reason": "as asked", "when": "now" });
    let ticket = stage.post(who, "/v1/tickets", &body).await?.ok()?;
    stage.post(who, &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()
}

#[tokio::test]
async fn an_emergency_is_told_at_once_lets_a_dba_decide_alone_and_is_reviewed_by_another() -> Result<()> {
    let stage = Stage::start().await?;
    let nothing = json!({});
    let own = waiting(&stage, "bob").await?;
    let approve = format!("/v1/tickets/{}/approve", own["id"]);
    stage.post("bob", &approve, &nothing).await?.refused("own-ticket")?;
    let made = stage.post("bob", "/v1/emergencies", &on("shop", "orders are lost")).await?.ok()?;
    ensure!(made["until"] == "2026-11-22T12:30:00Z" && made.get("ended_at").is_none(), "{made:#}");
    let told = alert(&stage).await?;
    let content = &told["content"];
    ensure!(told["channel"] == "alerts" && content["kind"] == "emergency", "{told:#}");
    ensure!(content["reason"] == "orders are lost" && content["admins"][0]["name"] == "max", "{told:#}");
    ensure!(content.get("ended").is_none() && told["version"] == 1, "{told:#}");
    let second = waiting(&stage, "bob").await?;
    let done = stage.post("bob", &format!("/v1/tickets/{}/approve", second["id"]), &nothing).await?.ok()?;
    ensure!(done["state"] == "scheduled", "{done:#}");
    let page = stage.get("mei", "/v1/emergencies").await?.ok()?;
    ensure!(page["emergencies"][0]["tickets"] == json!([second["id"]]), "{page:#}");
    let (mei, bob) =
        (format!("/v1/emergencies/{}", made["id"]), format!("/v1/emergencies/EM-{}", made["id"]));
    let text = json!({ "text": "needed, and all is well" });
    stage.post("mei", &format!("{mei}/review"), &text).await?.refused("wrong-state")?;
    stage.later(TimeDelta::minutes(10));
    let ended = stage.post("bob", &format!("{bob}/end"), &nothing).await?.ok()?;
    ensure!(ended["ended_at"] == "2026-11-22T12:10:00Z", "{ended:#}");
    let told = alert(&stage).await?;
    ensure!(told["content"]["ended"]["by"]["name"] == "bob", "{told:#}");
    ensure!(told["content"]["ended"]["tickets"] == json!([second["id"]]), "{told:#}");
    let third = waiting(&stage, "bob").await?;
    let late = format!("/v1/tickets/{}/approve", third["id"]);
    stage.post("bob", &late, &nothing).await?.refused("own-ticket")?;
    stage.post("bob", &format!("{bob}/review"), &text).await?.refused("forbidden")?;
    let reviewed = stage.post("mei", &format!("{mei}/review"), &text).await?.ok()?;
    ensure!(reviewed["reviewed"]["by"]["name"] == "mei", "{reviewed:#}");
    let told = alert(&stage).await?;
    ensure!(told["content"]["reviewed"]["text"] == "needed, and all is well", "{told:#}");
    ensure!(told["content"]["ended"]["by"]["name"] == "bob", "who ended it stays: {told:#}");
    ensure!(notices(&stage).await? == 1, "one message for all of it");
    ensure!(stage.get("mei", "/v1/emergencies").await?.ok()?["emergencies"] == json!([]));
    stage.later(TimeDelta::days(9));
    ensure!(alarming::look(&stage.desk).await? == 0, "nobody is reminded of it any more");
    Ok(())
}

#[tokio::test]
async fn one_that_ends_by_itself_is_told_and_reminded_of_once_a_day_until_it_is_reviewed() -> Result<()> {
    let stage = Stage::start().await?;
    let made = stage.post("bob", "/v1/emergencies", &on("shop", "orders are lost")).await?.ok()?;
    ensure!(alarming::look(&stage.desk).await? == 0);
    stage.later(TimeDelta::minutes(31));
    ensure!(alarming::look(&stage.desk).await? == 1 && alarming::look(&stage.desk).await? == 0);
    let told = alert(&stage).await?;
    ensure!(told["content"]["ended"]["at"] == "2026-11-22T12:30:00Z", "{told:#}");
    ensure!(told["content"]["ended"].get("by").is_none(), "{told:#}");
    stage.later(TimeDelta::hours(23));
    ensure!(alarming::look(&stage.desk).await? == 0);
    stage.later(TimeDelta::hours(1));
    ensure!(alarming::look(&stage.desk).await? == 1 && alarming::look(&stage.desk).await? == 0);
    let called = alert(&stage).await?;
    let names: Vec<_> =
        called["content"]["people"].as_array().into_iter().flatten().map(|who| &who["name"]).collect();
    ensure!(called["content"]["kind"] == "emergency_not_reviewed" && names == ["mei", "max"], "{called:#}");
    stage.later(TimeDelta::days(1));
    ensure!(alarming::look(&stage.desk).await? == 1);
    let path = format!("/v1/emergencies/{}/review", made["id"]);
    stage.post("max", &path, &json!({ "text": "looked at" })).await?.ok()?;
    stage.later(TimeDelta::days(2));
    ensure!(alarming::look(&stage.desk).await? == 0);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_an_emergency_is_told() -> Result<()> {
    let stage = Stage::start().await?;
    let path = "/v1/emergencies";
    let mut told = String::new();
    for (who, body) in [
        ("ann", on("shop", "because")),
        ("max", on("shop", "because")),
        ("bob", on("shpo", "because")),
        ("bob", on("all", "because")),
        ("bob", on("shop", " ")),
    ] {
        told += &stage.both(who, path, &body).await?;
    }
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.notice").await? == "0", "nobody was alarmed");
    stage.post("bob", path, &on("shop", "because")).await?.ok()?;
    told += &stage.both("bob", path, &on("shop", "again")).await?;
    let text = json!({ "text": "looked at" });
    for (who, rest, body) in [
        ("ann", "1/end", json!({})),
        ("bob", "7/end", json!({})),
        ("bob", "x/end", json!({})),
        ("mei", "1/review", text.clone()),
    ] {
        told += &stage.both(who, &format!("{path}/{rest}"), &body).await?;
    }
    stage.post("max", "/v1/emergencies/1/end", &json!({})).await?.ok()?;
    for (who, rest, body) in [
        ("bob", "1/end", json!({})),
        ("bob", "1/review", text.clone()),
        ("ann", "1/review", text.clone()),
        ("mei", "1/review", json!({ "text": " " })),
    ] {
        told += &stage.both(who, &format!("{path}/{rest}"), &body).await?;
    }
    stage.post("mei", "/v1/emergencies/1/review", &text).await?.ok()?;
    told += &stage.both("max", "/v1/emergencies/1/review", &text).await?;
    insta::assert_snapshot!(told);
    ensure!(stage.get("ann", path).await?.ok()?["emergencies"] == json!([]), "it is not for everybody");
    Ok(())
}

#[tokio::test]
async fn two_presses_at_the_same_moment_make_one_emergency_and_one_alert() -> Result<()> {
    let stage = Stage::start().await?;
    let body = on("shop", "orders are lost");
    let (one, two) = tokio::join!(
        stage.post("bob", "/v1/emergencies", &body),
        stage.post("bob", "/v1/emergencies", &body)
    );
    let mut statuses = [one?.status, two?.status];
    statuses.sort_unstable();
    ensure!(statuses == [201, 409], "{statuses:?}");
    ensure!(notices(&stage).await? == 1);
    let again = || {
        let asked = stage.ask("mei", Method::POST, "/v1/emergencies").header("Idempotency-Key", "one");
        answer(asked.json(&body))
    };
    let (first, second) = (again().await?.ok()?, again().await?.ok()?);
    ensure!(first == second && notices(&stage).await? == 2, "{first:#}\n{second:#}");
    Ok(())
}

#[tokio::test]
async fn what_is_tried_again_in_an_emergency_is_tied_to_it() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, "bob").await?;
    let id = &ticket["id"];
    stage.post("mei", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    let script = format!(
        "UPDATE desk.task SET state = 'failed' WHERE ticket_id = {id}; \
         UPDATE desk.ticket SET state = 'failed', version = version + 1 WHERE id = {id}"
    );
    stage.store.sql(&script).await?;
    let retry = format!("/v1/tickets/{id}/retry");
    stage.post("bob", &retry, &json!({})).await?.refused("own-ticket")?;
    let made = stage.post("bob", "/v1/emergencies", &on("shop", "orders are lost")).await?.ok()?;
    stage.post("bob", &retry, &json!({})).await?.ok()?;
    let log = stage.get("bob", &format!("/v1/tickets/{id}/log")).await?.ok()?;
    let last = log["entries"].as_array().and_then(|entries| entries.last()).context("an entry")?;
    ensure!(last["event"]["kind"] == "retried" && last["event"]["emergency"] == made["id"], "{last:#}");
    let page = stage.get("max", "/v1/emergencies").await?.ok()?;
    ensure!(page["emergencies"][0]["tickets"] == json!([id]), "{page:#}");
    Ok(())
}
