//! Delegations: who may, what is refused, and that one ends.

use crate::stage::{Stage, WHOLE, answer};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

fn add(to: &str, until: &str) -> Value {
    json!({ "to": to, "until": until, "reason": "leave" })
}

#[tokio::test]
async fn who_is_away_names_somebody_who_approves_in_his_place_until_it_ends() -> Result<()> {
    let policy = "[approvers.leads]\npeople = [\"lea\"]\n[[rule]]\nname = \"rows\"\nkinds = [\"dml\"]\n\
                  steps = [{ from = \"leads\", needs = 1 }]\n";
    let policy = toml::from_str(policy)?;
    let stage = Stage::with(|config| config.policy = policy).await?;
    let nothing = json!({});
    let waiting = async || -> Result<Value> {
        let body = json!({ "service_group": "shop", "database": "shop", "sql": WHOLE, "reason": "as asked", "when": "2026-12-01 08:00" });
        let ticket = stage.post("wei", "/v1/tickets", &body).await?.ok()?;
        stage.post("wei", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &nothing).await?.ok()
    };
    let ticket = waiting().await?;
    let approve = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("eve", &approve, &nothing).await?.refused("not-found")?;
    let made = stage.post("lea", "/v1/delegations", &add("discord:105", "2026-11-25 08:00")).await?.ok()?;
    ensure!(made["to"]["name"] == "eve" && made["from"] == "2026-11-22T12:00:00Z", "{made:#}");
    ensure!(made["until"] == "2026-11-25T08:00:00Z" && made.get("lacks").is_none(), "{made:#}");
    let done = stage.post("eve", &approve, &nothing).await?.ok()?;
    ensure!(done["steps"][0]["given"][0]["stood_in_for"]["name"] == "lea", "{done:#}");
    for who in ["lea", "eve", "max"] {
        let page = stage.get(who, "/v1/delegations").await?.ok()?;
        ensure!(page["delegations"][0]["id"] == made["id"], "{who}: {page:#}");
    }
    ensure!(stage.get("ann", "/v1/delegations").await?.ok()?["delegations"] == json!([]));
    let end = format!("/v1/delegations/{}/end", made["id"]);
    let ended = stage.post("lea", &end, &nothing).await?.ok()?;
    ensure!(ended["ended_at"] == "2026-11-22T12:00:00Z", "{ended:#}");
    let second = waiting().await?;
    stage
        .post("eve", &format!("/v1/tickets/{}/approve", second["id"]), &nothing)
        .await?
        .refused("not-found")?;
    Ok(())
}

#[tokio::test]
async fn an_admin_says_it_for_somebody_else_and_a_role_that_is_lacking_is_told() -> Result<()> {
    let stage = Stage::start().await?;
    let mut body = add("ann", "2026-11-25T08:00:00+08:00");
    body["person"] = json!("bob");
    let made = stage.post("max", "/v1/delegations", &body).await?.ok()?;
    ensure!(made["person"]["name"] == "bob" && made["by"]["name"] == "max", "{made:#}");
    ensure!(made["lacks"] == json!(["dba"]), "she does not decide as a DBA: {made:#}");
    // One names himself, by either name.
    for (name, until) in [("mei", "2026-11-24 08:00"), ("discord:104", "2026-11-25 08:00")] {
        let mut own = add("bob", until);
        own["person"] = json!(name);
        ensure!(stage.post("mei", "/v1/delegations", &own).await?.ok()?["person"]["name"] == "mei");
    }
    stage.later(TimeDelta::days(4));
    ensure!(stage.get("max", "/v1/delegations").await?.ok()?["delegations"] == json!([]), "they are over");
    Ok(())
}

#[tokio::test]
async fn days_and_hours_are_counted_from_now_on() -> Result<()> {
    let stage = Stage::start().await?;
    for (until, at) in
        [("3d", "2026-11-25T12:00:00Z"), ("12h", "2026-11-23T00:00:00Z"), ("2 天", "2026-11-24T12:00:00Z")]
    {
        let made = stage.post("lea", "/v1/delegations", &add("eve", until)).await?.ok()?;
        ensure!(made["until"] == at, "{until}: {made:#}");
        stage.post("lea", &format!("/v1/delegations/{}/end", made["id"]), &json!({})).await?.ok()?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_delegation_is_told() -> Result<()> {
    let stage = Stage::start().await?;
    let path = "/v1/delegations";
    let with = |key: &str, value: &str| {
        let mut body = add("mei", "2026-11-25 08:00");
        body[key] = json!(value);
        body
    };
    let mut told = String::new();
    for body in [
        with("to", "bob"),
        with("to", "nobody"),
        with("to", "discord:999"),
        with("reason", " "),
        with("until", "2026-11-21 08:00"),
        with("until", "tomorrow"),
        with("until", "now"),
        with("until", "999d"),
        with("until", "99999999999999999999d"),
        with("until", "0d"),
        with("until", "2026-11-25 08:00 to 09:00"),
        with("until", "2027-02-10 08:00"),
        with("from", "2026-11-26 08:00"),
        with("from", "quiet"),
        with("person", "ann"),
    ] {
        told += &stage.both("bob", path, &body).await?;
    }
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.delegation").await? == "0", "nobody stands in");
    let first = stage.post("bob", path, &add("mei", "2026-11-25 08:00")).await?.ok()?;
    told += &stage.both("bob", path, &with("until", "2026-11-24 08:00")).await?;
    for day in 26..30 {
        stage.post("bob", path, &add("mei", &format!("2026-11-{day} 08:00"))).await?.ok()?;
    }
    for day in 1..6 {
        stage.post("bob", path, &add("mei", &format!("2026-12-{day} 08:00"))).await?.ok()?;
    }
    told += &stage.both("bob", path, &add("mei", "2026-12-25 08:00")).await?;
    for (who, rest) in [("ann", "1/end"), ("mei", "1/end"), ("bob", "77/end"), ("bob", "x/end")] {
        told += &stage.both(who, &format!("{path}/{rest}"), &json!({})).await?;
    }
    stage.post("max", "/v1/delegations/1/end", &json!({})).await?.ok()?;
    told += &stage.both("bob", "/v1/delegations/1/end", &json!({})).await?;
    insta::assert_snapshot!(told);
    ensure!(first["id"] == 1, "{first:#}");
    stage.post("bob", path, &add("mei", "2026-12-25 08:00")).await?.ok().context("there is room again")?;
    Ok(())
}

#[tokio::test]
async fn a_delegation_that_is_asked_for_twice_is_one_and_ten_hold_at_the_same_moment() -> Result<()> {
    let stage = Stage::start().await?;
    let body = add("mei", "2026-11-25 08:00");
    let ask = |key: &str, body: &Value| {
        let asked = stage.ask("bob", Method::POST, "/v1/delegations").header("Idempotency-Key", key);
        answer(asked.json(body))
    };
    let (first, second) = (ask("one", &body).await?.ok()?, ask("one", &body).await?.ok()?);
    ensure!(first == second, "{first:#}\n{second:#}");
    // None of them lies in another.
    let many: Vec<(String, Value)> = (8..23)
        .map(|n| {
            let mut body = add("mei", &format!("2026-12-20 {n:02}:00"));
            body["from"] = json!(format!("2026-12-10 {n:02}:00"));
            (format!("many{n}"), body)
        })
        .collect();
    let answers = futures_util::future::join_all(many.iter().map(|(key, body)| ask(key, body))).await;
    let refused =
        answers.into_iter().filter(|answer| answer.as_ref().is_ok_and(|it| it.status == 429)).count();
    ensure!(refused == 6, "nine more, not {}", 15 - refused);
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.delegation").await? == "10", "ten rows");
    Ok(())
}
