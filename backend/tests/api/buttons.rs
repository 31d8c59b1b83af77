//! Buttons: opaque ids that the bot presses as a mapped Discord user.

use crate::stage::{DROP, Stage, WHOLE, answer, line};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

async fn press(stage: &Stage, discord: &str, button: &str, body: &Value) -> Result<crate::stage::Answer> {
    let path = format!("/v1/buttons/{button}/press");
    let as_user = format!("discord:{discord}");
    answer(stage.ask("bot", Method::POST, &path).header("X-Dbdesk-Act-As", as_user).json(body)).await
}

#[tokio::test]
async fn each_button_does_what_its_card_said() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let id = &ticket["id"];
    let amend = stage.button(id, "amend").await?;
    let path = format!("/v1/buttons/{amend}");
    let ask =
        answer(stage.ask("bot", Method::GET, &path).header("X-Dbdesk-Act-As", "discord:101")).await?.ok()?;
    ensure!(ask["form"] == "sql" && ask["sql"] == WHOLE && ask["when"] == "now", "{ask:#}");
    let body = json!({ "sql": format!("{WHOLE} -- again"), "when": "quiet" });
    let pressed = press(&stage, "101", &amend, &body).await?.ok()?;
    ensure!(pressed["verb"] == "amend" && pressed["ticket"]["revision"] == 2, "{pressed:#}");
    ensure!(pressed["ticket"]["when"]["kind"] == "quiet", "{pressed:#}");
    let send = stage.button(id, "send-to-dba").await?;
    press(&stage, "101", &send, &json!({})).await?.ok()?;
    let reject = stage.button(id, "reject").await?;
    press(&stage, "103", &reject, &json!({})).await?.refused("invalid")?;
    let done = press(&stage, "103", &reject, &json!({ "reason": "no" })).await?.ok()?;
    ensure!(
        done["ticket"]["state"] == "rejected" && done["ticket"]["decided_by"]["name"] == "bob",
        "{done:#}"
    );
    Ok(())
}

#[tokio::test]
async fn an_old_cards_button_is_stale_and_a_foreign_one_unknown() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let id = &ticket["id"];
    stage.post("ann", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    let approve = stage.button(id, "approve").await?;
    let withdraw = stage.button(id, "withdraw").await?;
    // A developer presses Approve: told at once, before any form is shown.
    let path = format!("/v1/buttons/{approve}");
    let denied =
        answer(stage.ask("bot", Method::GET, &path).header("X-Dbdesk-Act-As", "discord:102")).await?;
    denied.refused("forbidden")?;
    stage.post("ann", &format!("/v1/tickets/{id}/amend"), &json!({ "sql": DROP })).await?.ok()?;
    let mut told = line(&press(&stage, "103", &approve, &json!({})).await?.refused("stale")?);
    told += &line(&press(&stage, "103", "nothing", &json!({})).await?.refused("unknown-button")?);
    let gone = press(&stage, "101", &withdraw, &json!({})).await?.ok()?;
    ensure!(gone["ticket"]["state"] == "withdrawn", "an old button may still stop it: {gone:#}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn the_bot_acts_only_as_a_person_who_is_known() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let path = format!("/v1/tickets/{}/withdraw", ticket["id"]);
    let mut told = stage.both("bot", &path, &json!({})).await?;
    for (who, lang) in [("discord:999", "en"), ("discord:999", "zh-CN"), ("ann", "en")] {
        let request = stage.ask("bot", Method::POST, &path).header("X-Dbdesk-Act-As", who);
        let refused = answer(request.header("Accept-Language", lang).json(&json!({}))).await?;
        told += &line(&refused.body);
    }
    told += &stage.both("stranger", &path, &json!({})).await?;
    let nobody = stage.http.post(format!("{}{path}", stage.base)).json(&json!({}));
    told += &line(&answer(nobody).await?.refused("unauthenticated")?);
    insta::assert_snapshot!(told);
    // A person's token is that person's, whatever the header says.
    let other =
        stage.ask("wei", Method::POST, &path).header("X-Dbdesk-Act-As", "discord:101").json(&json!({}));
    answer(other).await?.refused("forbidden")?;
    let read = stage.get("bot", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(read["state"] == "awaiting_choice", "the bot may read, to tell it");
    Ok(())
}

#[tokio::test]
async fn only_the_bot_keeps_the_cards() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let behind = stage.get("bot", "/v1/cards/behind").await?.ok()?;
    ensure!(
        behind["cards"][0]["ticket"] == ticket["id"] && behind["cards"][0]["card"] == Value::Null,
        "{behind:#}"
    );
    let path = format!("/v1/tickets/{}/card", ticket["id"]);
    let place =
        json!({ "channel_id": "1", "message_id": "2", "thread_id": "3", "told_entry": ticket["last_entry"] });
    answer(stage.ask("ann", Method::PUT, &path).json(&place)).await?.refused("forbidden")?;
    let wrong = json!({ "channel_id": "one", "message_id": "2", "told_entry": 1 });
    answer(stage.ask("bot", Method::PUT, &path).json(&wrong)).await?.refused("invalid")?;
    let put = answer(stage.ask("bot", Method::PUT, &path).json(&place)).await?;
    ensure!(put.status == 204, "{put:?}");
    let behind = stage.get("bot", "/v1/cards/behind").await?.ok()?;
    ensure!(behind["cards"] == json!([]), "{behind:#}");
    let read = stage.get("ann", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(read["card"] == place, "{read:#}");
    Ok(())
}

/// A form that was left open is no confirmation, and neither is one that another person opened.
#[tokio::test]
async fn a_name_confirms_only_within_a_minute_of_the_button_and_by_the_same_person() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(DROP).await?;
    stage.post("ann", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()?;
    let approve = stage.button(&ticket["id"], "approve").await?;
    let form = async |discord: &str| {
        let path = format!("/v1/buttons/{approve}");
        let as_user = format!("discord:{discord}");
        answer(stage.ask("bot", Method::GET, &path).header("X-Dbdesk-Act-As", as_user)).await?.ok()
    };
    let name = json!({ "confirm": "shop" });
    let mut told = line(&press(&stage, "103", &approve, &name).await?.refused("confirmed-late")?);
    let other = form("104").await?;
    ensure!(
        other["form"] == "name" && other["confirm_s"] == 60 && other["service_group"] == "shop",
        "{other:#}"
    );
    press(&stage, "103", &approve, &name).await?.refused("confirmed-late")?;
    form("103").await?;
    stage.later(TimeDelta::milliseconds(60_001));
    let path = format!("/v1/buttons/{approve}/press");
    let late = stage.ask("bot", Method::POST, &path).header("X-Dbdesk-Act-As", "discord:103");
    told +=
        &line(&answer(late.header("Accept-Language", "zh-CN").json(&name)).await?.refused("confirmed-late")?);
    form("103").await?;
    stage.later(TimeDelta::seconds(60));
    let done = press(&stage, "103", &approve, &name).await?.ok()?;
    ensure!(done["ticket"]["decided_by"]["name"] == "bob", "{done:#}");
    let used = press(&stage, "103", &approve, &name).await?;
    used.refused("confirmed-late").context("one showing of the form is one confirmation")?;
    insta::assert_snapshot!(told);
    Ok(())
}
