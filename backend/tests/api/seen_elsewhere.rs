//! Faults that were seen in other desks, tried at this one: whoever is let through there is refused here, and the ticket stays as it was.

use crate::stage::{DROP, Stage, WHOLE, answer};
use anyhow::{Result, ensure};
use dbdesk::config::Config;
use dbdesk_commands::wire::person::Role;
use dbdesk_store::{
    begin, commit,
    group_history::Change,
    person,
    service_group::{self, GroupRow},
};
use reqwest::Method;
use serde_json::{Value, json};

async fn waiting(stage: &Stage, who: &str, sql: &str) -> Result<Value> {
    let body = json!({ "service_group": "shop", "database": "shop", "sql": sql, "reason": "as asked" });
    let ticket = stage.post(who, "/v1/tickets", &body).await?.ok()?;
    if ticket["state"] == "awaiting_approval" {
        return Ok(ticket);
    }
    stage.post(who, &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()
}

async fn still_waits(stage: &Stage, ticket: &Value) -> Result<()> {
    let now = stage.get("bob", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(now["state"] == "awaiting_approval" && now["task"] == Value::Null, "{now:#}");
    Ok(())
}

/// A desk with a group of approvers, which alone approves on `shop`, and everybody's roles as they are.
async fn approved_by(people: &str) -> Result<Stage> {
    let policy = format!(
        "[approvers.leads]\npeople = [{people}]\n[[rule]]\nname = \"shop\"\nservice_groups = [\"shop\"]\n\
         steps = [{{ from = \"leads\", needs = 1 }}, {{ from = \"dba\", needs = 1 }}]\n"
    );
    let policy = toml::from_str(&policy)?;
    Stage::with(|config| config.policy = policy).await
}

/// Yearning: `strings.Contains(list, user)`, so that “le” passes for “lea”.
#[tokio::test]
async fn a_name_that_is_part_of_an_approvers_is_no_approvers() -> Result<()> {
    let stage = approved_by("\"leann\", \"lea \", \"ALEA\"").await?;
    let ticket = waiting(&stage, "wei", WHOLE).await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("lea", &path, &json!({})).await?.refused("not-found")?;
    stage.post("ann", &path, &json!({})).await?.refused("forbidden")?;
    still_waits(&stage, &ticket).await
}

/// Yearning: which step is taken, and on which source, is read from the request.
#[tokio::test]
async fn a_request_does_not_say_which_step_it_takes_nor_where_it_runs() -> Result<()> {
    let stage = approved_by("\"lea\"").await?;
    let ticket = waiting(&stage, "wei", WHOLE).await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    for body in [
        json!({ "step": 2 }),
        json!({ "steps": [] }),
        json!({ "service_group": "shipping" }),
        json!({ "as": "bob" }),
    ] {
        stage.post("bob", &path, &body).await?.refused("bad-request")?;
    }
    // The second step's DBA comes before the first step: nothing is skipped by that.
    stage.post("bob", &path, &json!({})).await?;
    still_waits(&stage, &ticket).await?;
    stage.post("lea", &path, &json!({})).await?.ok()?;
    stage.post("bob", &path, &json!({})).await?.ok()?;
    let now = stage.get("wei", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(now["state"] == "scheduled", "{now:#}");
    Ok(())
}

/// Yearning: reject, undo and kill look neither at the role nor at the state.
#[tokio::test]
async fn every_verb_looks_at_who_it_is_and_where_the_ticket_stands() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, "ann", WHOLE).await?;
    let id = &ticket["id"];
    for verb in [
        "approve", "reject", "run", "pause", "resume", "cancel", "retry", "skip", "throttle", "cut-over",
        "undo",
    ] {
        let body = match verb {
            "reject" => json!({ "reason": "no" }),
            "throttle" => json!({ "max_lag_ms": 1_000, "max_load": 10 }),
            _ => json!({}),
        };
        let path = format!("/v1/tickets/{id}/{verb}");
        let told = stage.post("wei", &path, &body).await?;
        ensure!((400..500).contains(&told.status), "{verb} by a colleague: {told:?}");
        if !matches!(verb, "approve" | "reject") {
            let told = stage.post("bob", &path, &body).await?;
            ensure!((400..500).contains(&told.status), "{verb} before its time: {told:?}");
        }
    }
    still_waits(&stage, &ticket).await
}

/// Archery: a superuser may approve his own, which is looked at before that nobody may.
#[tokio::test]
async fn no_role_approves_its_own_ticket() -> Result<()> {
    let stage = Stage::start().await?;
    let mut tx = begin(&stage.pool).await?;
    for (name, discord) in [("max", "107"), ("bob", "103")] {
        let seed = person::Seed {
            name: name.to_owned(),
            discord_id: Some(discord.to_owned()),
            team: Some("office".to_owned()),
            roles: vec![Role::Developer, Role::Dba, Role::Admin],
        };
        person::put(&mut tx, &seed, stage.now()).await?;
    }
    commit(tx).await?;
    for who in ["max", "bob"] {
        let ticket = waiting(&stage, who, WHOLE).await?;
        let path = format!("/v1/tickets/{}/approve", ticket["id"]);
        stage.post(who, &path, &json!({})).await?.refused("own-ticket")?;
        still_waits(&stage, &ticket).await?;
    }
    Ok(())
}

/// Archery: that somebody of the ticket's group may approve is asked, and that the one who presses may approve somewhere; never both of one.
#[tokio::test]
async fn an_approver_of_another_group_approves_by_no_way() -> Result<()> {
    let policy = toml::from_str("[approvers.shop-dbas]\npeople = [\"bob\"]\n")?;
    let stage = Stage::with(|config| config.policy = policy).await?;
    let row = service_group::by_name(&stage.pool, "shop").await?;
    let GroupRow { mut group, version, .. } = row.ok_or_else(|| anyhow::anyhow!("no group"))?;
    group.dbas = Some("shop-dbas".to_owned());
    let mut tx = begin(&stage.pool).await?;
    service_group::put(&mut tx, &group, &Change::of(version, "a test"), stage.now()).await?;
    commit(tx).await?;
    let ticket = waiting(&stage, "ann", WHOLE).await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("mei", &path, &json!({})).await?.refused("not-found")?;
    let button = stage.button(&ticket["id"], "approve").await?;
    let press = format!("/v1/buttons/{button}/press");
    stage.post("mei", &press, &json!({})).await?.refused("not-found")?;
    let as_mei = stage.ask("bot", Method::POST, &press).header("X-Dbdesk-Act-As", "discord:104");
    answer(as_mei.json(&json!({}))).await?.refused("not-found")?;
    still_waits(&stage, &ticket).await
}

/// Archery: the one who files decides whether his rows are kept.
#[tokio::test]
async fn who_files_a_ticket_does_not_say_that_nothing_is_kept_of_it() -> Result<()> {
    let stage = Stage::start().await?;
    for word in ["is_backup", "backup", "without_undo", "approved_by_policy", "state", "requester", "risk"] {
        let mut body = json!({ "service_group": "shop", "database": "shop", "sql": WHOLE, "reason": "r" });
        body[word] = json!(false);
        stage.post("ann", "/v1/tickets", &body).await?.refused("bad-request")?;
    }
    Ok(())
}

/// goInception and Yearning: open to the world with a password that is known.
#[tokio::test]
async fn as_it_comes_the_desk_listens_on_this_machine_and_lets_nobody_in() -> Result<()> {
    let config = Config::default();
    ensure!(config.api.listen.starts_with("127.0.0.1:"), "{}", config.api.listen);
    ensure!(config.person.is_empty() && config.store.password.is_empty() && config.redis.password.is_empty());
    let stage = Stage::start().await?;
    for token in ["", "admin", "dbdesk", "Yearning_admin"] {
        let asked = stage.http.get(format!("{}/v1/tickets", stage.base)).bearer_auth(token);
        answer(asked).await?.refused("unauthenticated")?;
    }
    Ok(())
}

/// A chat bot: whoever sees the button may press it. sso-elevator: who says that it is his address is taken at his word.
#[tokio::test]
async fn who_presses_is_who_an_admin_says_and_not_what_he_is_called() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage, "ann", DROP).await?;
    let press = format!("/v1/buttons/{}/press", stage.button(&ticket["id"], "approve").await?);
    for who in [
        "discord:999",
        "discord:bob",
        "bob",
        "discord:bob@example.org",
        "email:bob@example.org",
        "discord:103,104",
        "discord: 103",
    ] {
        let asked = stage.ask("bot", Method::POST, &press).header("X-Dbdesk-Act-As", who);
        let told = answer(asked.json(&json!({ "confirm": "shop" }))).await?;
        ensure!(matches!(told.status, 400 | 403), "{who}: {told:?}");
    }
    still_waits(&stage, &ticket).await
}
