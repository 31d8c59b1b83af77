//! Service groups: held against their servers all the time, mended by tickets, with a history and a picture.

use crate::stage::Stage;
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::service::group_look;
use serde_json::{Value, json};

async fn looks(stage: &Stage) -> Result<usize> {
    stage.later(TimeDelta::seconds(30));
    group_look::look_all(&stage.desk).await.map_err(|error| anyhow::anyhow!("{error:?}"))
}

/// The notices that tell of this group.
async fn told(stage: &Stage, group: &str) -> Result<Vec<Value>> {
    let page = stage.get("bot", "/v1/notices/behind").await?.ok()?;
    let all = page["notices"].as_array().context("notices")?.clone();
    Ok(all.into_iter().filter(|notice| notice["content"]["service_group"] == group).collect())
}

fn path(notice: &Value, verb: &str) -> Result<String> {
    let buttons = notice["buttons"].as_array().context("buttons")?;
    let button = buttons.iter().find(|button| button["verb"] == verb).context("a button")?;
    Ok(format!("/v1/notice-buttons/{}/press", button["id"].as_str().context("an id")?))
}

#[tokio::test]
async fn what_differs_is_told_once_and_mended_by_a_ticket() -> Result<()> {
    let stage = Stage::start().await?;
    ensure!(looks(&stage).await? == 2 && told(&stage, "shop").await?.is_empty(), "nothing differs");
    ensure!(looks(&stage).await? == 2, "each again after its time");
    let soon = group_look::look_all(&stage.desk).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    ensure!(soon == 0, "and not before");
    stage.target.sql("CREATE DATABASE by_hand").await?;
    looks(&stage).await?;
    ensure!(told(&stage, "shop").await?.is_empty(), "it may pass by itself");
    looks(&stage).await?;
    looks(&stage).await?;
    let notices = told(&stage, "shop").await?;
    ensure!(notices.len() == 1, "once: {notices:#?}");
    let notice = &notices[0];
    ensure!(notice["channel"] == "alerts" && notice["version"] == 1, "{notice:#}");
    ensure!(notice["content"]["differences"].to_string().contains("by_hand"), "{notice:#}");
    ensure!(
        notice["content"]["dbas"].as_array().map(Vec::len) == Some(2),
        "bob and mei are called: {notice:#}"
    );
    ensure!(told(&stage, "shipping").await?.is_empty(), "a server that does not answer differs in nothing");

    let (inventory, servers) = (path(notice, "repair_inventory")?, path(notice, "repair_servers")?);
    let nothing = json!({});
    let mut said = stage.both("ann", &inventory, &nothing).await?;
    said += &stage.both("max", &inventory, &nothing).await?;
    said += &stage.both("bob", &servers, &nothing).await?;
    let pressed = stage.post("bob", &inventory, &nothing).await?.ok()?;
    let ticket = &pressed["content"]["ticket"];
    said += &stage.both("mei", &inventory, &nothing).await?;
    let filed = stage.get("bob", &format!("/v1/tickets/{ticket}")).await?.ok()?;
    ensure!(filed["state"] == "awaiting_approval" && filed["kind"] == "cluster", "{filed:#}");
    said += filed["sql"].as_str().context("a text")?;
    said += &stage.both("bob", &format!("/v1/tickets/{ticket}/approve"), &nothing).await?;
    stage.get("eve", &format!("/v1/tickets/{ticket}")).await?.refused("not-found")?;
    insta::assert_snapshot!(said);

    stage.target.sql("DROP DATABASE by_hand").await?;
    looks(&stage).await?;
    let notices = told(&stage, "shop").await?;
    ensure!(
        notices[0]["content"]["mended_at"].is_string() && notices[0]["buttons"] == json!([]),
        "{notices:#?}"
    );
    stage.post("mei", &inventory, &nothing).await?.refused("wrong-state")?;
    Ok(())
}

#[tokio::test]
async fn a_group_is_shown_with_its_servers_its_history_and_its_picture() -> Result<()> {
    let stage = Stage::start().await?;
    let shown = stage.get("ann", "/v1/service-groups/shop/topology").await?.ok()?;
    ensure!(shown["instances"][0]["live"]["read_only"] == false && shown["version"] == 1, "{shown:#}");
    ensure!(shown["differences"] == json!([]) && shown["failover"] == "observe", "{shown:#}");
    let history = stage.get("ann", "/v1/service-groups/shop/history").await?.ok()?;
    ensure!(
        history["versions"][0]["why"] == "a test" && history["versions"][0]["version"] == 1,
        "{history:#}"
    );
    ensure!(history["versions"][0]["spec"].as_str().is_some_and(|spec| spec.contains("name = \"shop\"")));
    let before = stage.get("ann", "/v1/service-groups/shop/history?at=2001-01-01T00:00:00Z").await?.ok()?;
    ensure!(before["versions"] == json!([]), "{before:#}");
    stage.get("ann", "/v1/service-groups/shop/history?at=yesterday").await?.refused("invalid")?;
    for place in ["history", "topology.png", "topology"] {
        stage.get("ann", &format!("/v1/service-groups/nowhere/{place}")).await?.refused("unknown-group")?;
    }
    let asked = stage.ask("ann", reqwest::Method::GET, "/v1/service-groups/shop/topology.png").send().await?;
    ensure!(asked.headers()["content-type"] == "image/png", "{asked:?}");
    let bytes = asked.bytes().await?;
    ensure!(bytes.starts_with(b"\x89PNG\r\n\x1a\n") && bytes.len() > 5_000, "{} bytes", bytes.len());
    Ok(())
}
