//! Rules are looked up, and a ticket is judged by those of its group.

use crate::stage::{SMALL, Stage, WHOLE, answer, line};
use anyhow::{Context as _, Result, ensure};
use dbdesk::config::Config;
use reqwest::Method;
use serde_json::{Value, json};

/// Production is stricter than all, and `shop` has its own.
fn stricter(config: &mut Config) {
    let review = json!({
        "limits": { "affected_rows": 900 },
        "rules": { "table-without-comment": "off" },
        "environment": { "production": { "limits": { "affected_rows": 3 }, "rules": { "update-without-where": "warning" } } },
        "group": { "shop": { "rules": { "update-without-where": "error" } } },
    });
    config.review = serde_json::from_value(review).expect("a review");
}

fn rule<'a>(page: &'a Value, id: &str) -> Result<&'a Value> {
    let rules = page["rules"].as_array().context("rules")?;
    rules.iter().find(|rule| rule["id"] == id).with_context(|| format!("{id} in {page:#}"))
}

#[tokio::test]
async fn the_rules_in_force_are_listed_for_all_an_environment_and_a_group() -> Result<()> {
    let stage = Stage::with(stricter).await?;
    let at = async |query: &str| stage.get("ann", &format!("/v1/rules{query}")).await?.ok();
    let shop = at("?service_group=shop").await?;
    ensure!(shop["service_group"] == "shop" && shop["environment"] == "production", "{shop:#}");
    let update = rule(&shop, "update-without-where")?;
    ensure!(
        update["level"] == "error" && update["from"] == "group" && update["default"] == "needs_dba",
        "{update:#}"
    );
    let rows = &rule(&shop, "too-many-affected-rows")?["limits"][0];
    ensure!(*rows == json!({ "name": "affected_rows", "value": 3, "from": "environment" }), "{rows:#}");
    let comment = rule(&shop, "table-without-comment")?;
    ensure!(comment["level"] == "off" && comment["from"] == "global", "{comment:#}");
    let all = at("").await?;
    ensure!(rule(&all, "update-without-where")?["from"] == "default", "{all:#}");
    ensure!(all["measure"] != shop["measure"] && all["service_group"].is_null(), "another measure");
    let production = at("?environment=production").await?;
    ensure!(rule(&production, "update-without-where")?["level"] == "warning", "without the group's own");

    let typed = at("?q=without%20primary%20key&limit=2").await?;
    ensure!(typed["rules"].as_array().is_some_and(|rules| rules.len() <= 2), "{typed:#}");
    rule(&typed, "table-without-primary-key")?;
    let chinese = stage.ask("ann", Method::GET, "/v1/rules?q=主键").header("Accept-Language", "zh-CN");
    let chinese = answer(chinese).await?.ok()?;
    ensure!(
        rule(&chinese, "table-without-primary-key")?["title"].to_string().contains("主键"),
        "{chinese:#}"
    );
    stage.get("ann", "/v1/rules?service_group=shpo").await?.refused("unknown-group")?;
    stage.get("ann", "/v1/rules?limits=1").await?.refused("bad-request")?;
    stage.get("", "/v1/rules").await?.refused("unauthenticated")?;
    Ok(())
}

#[tokio::test]
async fn a_rules_page_is_read_in_the_askers_language() -> Result<()> {
    let stage = Stage::with(stricter).await?;
    let mut told = String::new();
    for lang in ["en", "zh-CN"] {
        let path = "/v1/rules/update-without-where?service_group=shop";
        let page = answer(stage.ask("ann", Method::GET, path).header("Accept-Language", lang)).await?.ok()?;
        told.push_str(&serde_json::to_string_pretty(&page)?);
        told.push('\n');
        let unknown = stage.ask("ann", Method::GET, "/v1/rules/update-without-were");
        let unknown = answer(unknown.header("Accept-Language", lang)).await?.refused("unknown-rule")?;
        told.push_str(&line(&unknown));
    }
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn a_ticket_is_judged_by_the_rules_of_its_group_and_keeps_their_measure() -> Result<()> {
    let stage = Stage::with(stricter).await?;
    ensure!(stage.submit(SMALL).await?["state"] == "scheduled", "one row is within the environment's three");
    let whole = stage.submit(WHOLE).await?;
    ensure!(whole["state"] == "returned", "an error by the group's setting: {whole:#}");
    let five = stage.submit("UPDATE orders SET note = 'seen' WHERE id <= 5;").await?;
    ensure!(five["state"] == "awaiting_choice", "five rows are more than the environment's three: {five:#}");
    let rules: Vec<&Value> = five["review"][0]["findings"]
        .as_array()
        .context("findings")?
        .iter()
        .map(|one| &one["rule"])
        .collect();
    ensure!(rules.contains(&&json!("too-many-affected-rows")), "{rules:?}");
    let kept = stage.store.sql("SELECT review FROM desk.ticket_revision WHERE ticket_id = 1").await?;
    let page = stage.get("ann", "/v1/rules?service_group=shop&limit=1").await?.ok()?;
    let measure = page["measure"].as_str().context("a measure")?;
    ensure!(kept.contains(&format!("\"measure\":\"{measure}\"")), "{measure} in {kept}");
    Ok(())
}
