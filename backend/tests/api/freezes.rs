//! Freezes: who may, what is refused, and that one ends.

use crate::stage::{Stage, answer};
use anyhow::{Result, ensure};
use chrono::TimeDelta;
use serde_json::json;

#[tokio::test]
async fn a_dba_freezes_a_group_everybody_sees_it_and_a_dba_ends_it() -> Result<()> {
    let stage = Stage::start().await?;
    let body = json!({ "service_group": "shop", "reason": "Double 11", "until": "2026-11-23 08:00" });
    let made = stage.post("bob", "/v1/freezes", &body).await?.ok()?;
    ensure!(
        made["until"] == "2026-11-23T00:00:00Z" && made["by"]["name"] == "bob",
        "in the group's zone: {made:#}"
    );
    let all = json!({ "service_group": "all", "reason": "storm" });
    let second = stage.post("mei", "/v1/freezes", &all).await?.ok()?;
    ensure!(second.get("until").is_none() && second["service_group"] == "all", "{second:#}");
    let list = stage.get("ann", "/v1/freezes").await?.ok()?;
    ensure!(list["freezes"] == json!([second, made]), "{list:#}");

    let path = format!("/v1/freezes/{}/end", second["id"]);
    let ended = stage.post("bob", &path, &json!({})).await?.ok()?;
    ensure!(ended["ended_at"] == "2026-11-22T12:00:00Z", "{ended:#}");
    stage.post("bob", &path, &json!({})).await?.refused("wrong-state")?;
    stage.later(TimeDelta::hours(13));
    ensure!(
        stage.get("ann", "/v1/freezes").await?.ok()?["freezes"] == json!([]),
        "the other ended by itself"
    );
    let path = format!("/v1/freezes/F-{}/end", made["id"]);
    stage.post("bob", &path, &json!({})).await?.refused("wrong-state")?;
    Ok(())
}

#[tokio::test]
async fn a_freeze_that_is_asked_for_twice_is_one() -> Result<()> {
    let stage = Stage::start().await?;
    let body = json!({ "service_group": "all", "reason": "storm" });
    let ask = || {
        let asked = stage.ask("bob", reqwest::Method::POST, "/v1/freezes").header("Idempotency-Key", "one");
        answer(asked.json(&body))
    };
    let (first, second) = (ask().await?.ok()?, ask().await?.ok()?);
    ensure!(first == second, "{first:#}\n{second:#}");
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.freeze").await? == "1", "one row");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_freeze_is_told() -> Result<()> {
    let stage = Stage::start().await?;
    let body = |group: &str, reason: &str, until: &str| json!({ "service_group": group, "reason": reason, "until": until });
    let mut told = String::new();
    for (who, body) in [
        ("ann", body("shop", "because", "")),
        ("bob", body("shpo", "because", "")),
        ("bob", body("shop", " ", "")),
        ("bob", body("shop", &"x".repeat(501), "")),
        ("bob", body("shop", "because", "2026-11-22 02:00")),
        ("bob", body("shop", "because", "tomorrow")),
        ("bob", body("all", "because", "now")),
        ("bob", json!({ "reason": "because" })),
    ] {
        told += &stage.both(who, "/v1/freezes", &body).await?;
    }
    told += &stage.both("ann", "/v1/freezes/1/end", &json!({})).await?;
    told += &stage.both("bob", "/v1/freezes/7/end", &json!({})).await?;
    told += &stage.both("bob", "/v1/freezes/seven/end", &json!({})).await?;
    insta::assert_snapshot!(told);
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.freeze").await? == "0", "nothing was frozen");
    Ok(())
}
