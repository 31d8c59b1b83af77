//! Lists, single things, topology, health, metrics.

use crate::stage::{SMALL, Stage, WHOLE};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

fn ids(page: &Value) -> Result<Vec<u64>> {
    let tickets = page["tickets"].as_array().context("tickets")?;
    Ok(tickets.iter().filter_map(|ticket| ticket["id"].as_u64()).collect())
}

#[tokio::test]
async fn tickets_are_listed_by_page_newest_first_and_filtered() -> Result<()> {
    let stage = Stage::start().await?;
    for _ in 0..3 {
        stage.submit(WHOLE).await?;
    }
    stage.submit(SMALL).await?;
    stage.post("ann", "/v1/tickets/1/withdraw", &json!({})).await?.ok()?;
    let first = stage.get("wei", "/v1/tickets?limit=2").await?.ok()?;
    ensure!(ids(&first)? == [4, 3] && first["next_before"] == 3, "{first:#}");
    let last = stage.get("wei", "/v1/tickets?limit=2&before=T-3").await?.ok()?;
    ensure!(ids(&last)? == [2, 1] && last["next_before"] == Value::Null, "{last:#}");
    for (query, expected) in [
        ("which=mine", &[][..]),
        ("which=open", &[4, 3, 2]),
        ("state=withdrawn", &[1]),
        ("service_group=shop&state=scheduled", &[4]),
        ("service_group=shipping", &[]),
        ("prefix=T-4", &[4]),
    ] {
        let page = stage.get("wei", &format!("/v1/tickets?{query}")).await?.ok()?;
        ensure!(ids(&page)? == expected, "{query}: {page:#}");
    }
    ensure!(first["tickets"][0]["requester"]["name"] == "ann", "{first:#}");
    Ok(())
}

#[tokio::test]
async fn a_log_is_read_by_its_cursor() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    let path = format!("/v1/tickets/{}/log", ticket["id"]);
    let first = stage.get("bot", &format!("{path}?limit=1")).await?.ok()?;
    ensure!(first["entries"].as_array().map(Vec::len) == Some(1) && first["more"] == true, "{first:#}");
    let rest = stage.get("bot", &format!("{path}?after={}", first["cursor"])).await?.ok()?;
    ensure!(rest["entries"][0]["event"]["kind"] == "approved" && rest["more"] == false, "{rest:#}");
    ensure!(rest["cursor"] == ticket["last_entry"], "{rest:#}");
    Ok(())
}

#[tokio::test]
async fn groups_people_and_servers_are_shown() -> Result<()> {
    let stage = Stage::start().await?;
    let all = stage.get("ann", "/v1/service-groups").await?.ok()?;
    let names: Vec<_> =
        all["groups"].as_array().context("groups")?.iter().map(|group| &group["name"]).collect();
    ensure!(names == ["shipping", "shop"], "{all:#}");
    let typed = stage.get("ann", "/v1/service-groups?prefix=SHO").await?.ok()?;
    ensure!(typed["groups"].as_array().map(Vec::len) == Some(1), "{typed:#}");
    let shop = stage.get("ann", "/v1/service-groups/shop").await?.ok()?;
    ensure!(shop["databases"] == json!(["shop"]) && shop["time_zone"] == "Asia/Shanghai", "{shop:#}");
    let up = stage.get("ann", "/v1/service-groups/shop/topology").await?.ok()?;
    let live = &up["instances"][0]["live"];
    ensure!(live["read_only"] == false && live["version"].to_string().contains("MariaDB"), "{up:#}");
    let down = stage.get("ann", "/v1/service-groups/shipping/topology").await?.ok()?;
    ensure!(down["instances"][0]["unreachable"].is_string(), "{down:#}");
    let me = stage.get("bob", "/v1/me").await?.ok()?;
    ensure!(me["person"]["name"] == "bob" && me["roles"] == json!(["dba"]), "{me:#}");
    Ok(())
}

#[tokio::test]
async fn health_and_metrics_need_no_token() -> Result<()> {
    let mut stage = Stage::start().await?;
    stage.submit(SMALL).await?;
    let health = stage.get("", "/healthz").await?.ok()?;
    ensure!(health == json!({ "well": true, "store": "up", "redis": "up" }), "{health:#}");
    let metrics = stage.get("", "/metrics").await?.ok()?;
    let text = metrics.as_str().context("text")?;
    for line in [
        "dbdesk_tickets{state=\"scheduled\"} 1",
        "dbdesk_tasks{state=\"ready\"} 1",
        "dbdesk_http_request_seconds_count{method=\"POST\",route=\"/v1/tickets\",status=\"201\"} 1",
    ] {
        ensure!(text.contains(line), "{line} is not in:\n{text}");
    }
    stage.redis.kill()?;
    let health = stage.get("", "/healthz").await?.ok()?;
    ensure!(health["well"] == false && health["redis"] == "down", "{health:#}");
    Ok(())
}
