//! Apply fixes: the review's certain edits become the next revision.

use crate::stage::{SMALL, Stage};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// An index without its prefix, named twice; a comment that must stay.
const UNPREFIXED: &str = "-- 给列表页用\nALTER TABLE orders\n  ADD INDEX by_note (note); -- one index\n";

fn verbs(ticket: &Value) -> Vec<&str> {
    ticket["buttons"].as_array().into_iter().flatten().filter_map(|button| button["verb"].as_str()).collect()
}

#[tokio::test]
async fn certain_fixes_become_the_next_revision_and_the_log_shows_what_changed() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(UNPREFIXED).await?;
    ensure!(verbs(&ticket).contains(&"fix"), "{ticket:#}");
    let edit = &ticket["review"][0]["findings"][0]["edits"][0];
    ensure!(edit["text"] == "`idx_note`", "{ticket:#}");

    let path = format!("/v1/tickets/{}/fix", ticket["id"]);
    // It is the requester's to take over; and of the revision that he looked at.
    stage.post("wei", &path, &json!({})).await?.refused("forbidden")?;
    stage.post("bob", &path, &json!({})).await?.refused("forbidden")?;
    stage.post("ann", &path, &json!({ "revision": 7 })).await?.refused("stale")?;
    let fixed = stage.post("ann", &path, &json!({ "revision": 1 })).await?.ok()?;
    ensure!(fixed["revision"] == 2, "{fixed:#}");
    ensure!(fixed["sql"] == UNPREFIXED.replace("by_note", "`idx_note`"), "only the name changed: {fixed:#}");
    let rules: Vec<&Value> = fixed["review"][0]["findings"].as_array().context("findings")?.iter().collect();
    ensure!(rules.iter().all(|found| found["rule"] != "index-name-without-prefix"), "{fixed:#}");
    ensure!(!verbs(&fixed).contains(&"fix"), "nothing is left to mend: {fixed:#}");

    let log = stage.get("ann", &format!("/v1/tickets/{}/log", ticket["id"])).await?.ok()?;
    let told = &log["entries"][if log["entries"][1]["event"]["kind"] == "fixed" { 1 } else { 2 }]["event"];
    ensure!(told["rules"] == json!(["index-name-without-prefix"]), "{log:#}");
    ensure!(
        told["diff"]
            == "-   ADD INDEX by_note (note); -- one index\n+   ADD INDEX `idx_note` (note); -- one index\n",
        "{told:#}"
    );
    // Once more: nothing is certain any more.
    stage.post("ann", &path, &json!({})).await?.refused("no-fix")?;
    Ok(())
}

#[tokio::test]
async fn a_stale_button_of_fixes_is_refused_and_a_ticket_without_any_has_none() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(UNPREFIXED).await?;
    let button = stage.button(&ticket["id"], "fix").await?;
    let path = format!("/v1/tickets/{}", ticket["id"]);
    let amended = stage.post("ann", &format!("{path}/amend"), &json!({ "sql": SMALL })).await?.ok()?;
    ensure!(!verbs(&amended).contains(&"fix"), "{amended:#}");
    let request = stage.ask("bot", reqwest::Method::POST, &format!("/v1/buttons/{button}/press"));
    let pressed = request.header("X-Dbdesk-Act-As", "discord:101").json(&json!({}));
    crate::stage::answer(pressed).await?.refused("stale")?;
    let told = stage.both("ann", &format!("{path}/fix"), &json!({})).await?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn fixes_that_would_bring_something_worse_are_not_applied() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(UNPREFIXED).await?;
    // Meanwhile somebody made an index of the name that the fix would give.
    stage.target.sql("ALTER TABLE shop.orders ADD INDEX idx_note (note)").await?;
    let path = format!("/v1/tickets/{}", ticket["id"]);
    let told = stage.both("ann", &format!("{path}/fix"), &json!({})).await?;
    insta::assert_snapshot!(told);
    let now = stage.get("ann", &path).await?.ok()?;
    ensure!(now["revision"] == 1 && now["sql"] == UNPREFIXED, "nothing was changed: {now:#}");
    Ok(())
}
