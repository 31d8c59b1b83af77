//! Who sees what: a ticket is there for its team, for the DBAs of its service group and for those who approve it. For others it is not.

use crate::stage::{Stage, WHOLE, line};
use anyhow::{Context as _, Result, ensure};
use dbdesk_store::{
    begin, commit,
    group_history::Change,
    service_group::{self, GroupRow},
};
use reqwest::Method;
use serde_json::{Value, json};

const OWN_DBAS: &str = "[approvers.shop-dbas]\npeople = [\"bob\", \"lea\"]\n";

/// A desk whose service group `shop` has DBAs of its own.
async fn with_own_dbas() -> Result<Stage> {
    let policy = toml::from_str(OWN_DBAS)?;
    let stage = Stage::with(|config| config.policy = policy).await?;
    let GroupRow { mut group, version, .. } =
        service_group::by_name(&stage.pool, "shop").await?.context("a group")?;
    group.dbas = Some("shop-dbas".to_owned());
    let mut tx = begin(&stage.pool).await?;
    service_group::put(&mut tx, &group, &Change::of(version, "a test"), stage.now()).await?;
    commit(tx).await?;
    Ok(stage)
}

async fn waiting(stage: &Stage) -> Result<Value> {
    let ticket = stage.submit(WHOLE).await?;
    stage.post("ann", &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()
}

async fn listed(stage: &Stage, who: &str, path: &str, key: &str) -> Result<usize> {
    let page = stage.get(who, path).await?.ok()?;
    Ok(page[key].as_array().with_context(|| format!("{page:#}"))?.len())
}

/// How this person is answered about a ticket and its task, each way there is.
async fn answers(stage: &Stage, who: &str, id: &Value, task: &Value) -> Result<Vec<u16>> {
    let mut statuses = Vec::new();
    for path in [
        format!("/v1/tickets/{id}"),
        format!("/v1/tickets/{id}/log"),
        format!("/v1/tickets/{id}/events"),
        format!("/v1/tasks/{task}"),
        format!("/v1/tasks/{task}/log"),
    ] {
        statuses.push(stage.ask(who, Method::GET, &path).send().await?.status().as_u16());
    }
    Ok(statuses)
}

#[tokio::test]
async fn another_teams_ticket_is_not_there_whichever_way_one_asks() -> Result<()> {
    let stage = with_own_dbas().await?;
    let ticket = waiting(&stage).await?;
    let id = &ticket["id"];
    let button = stage.button(id, "approve").await?;
    let approved = stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    let task = &approved["task"]["id"];
    for who in ["ann", "wei", "bob"] {
        ensure!(answers(&stage, who, id, task).await? == [200; 5], "{who} sees it");
        ensure!(listed(&stage, who, "/v1/tickets", "tickets").await? == 1, "{who}");
        ensure!(listed(&stage, who, "/v1/tasks", "tasks").await? == 1, "{who}");
    }
    // A developer of another team; one who is in the group of DBAs and none; a DBA of other groups; an admin.
    for who in ["eve", "lea", "mei", "max"] {
        ensure!(answers(&stage, who, id, task).await? == [404; 5], "{who} does not");
        ensure!(listed(&stage, who, "/v1/tickets", "tickets").await? == 0, "{who}");
        ensure!(
            listed(&stage, who, "/v1/tickets?service_group=shop&which=open", "tickets").await? == 0,
            "{who}"
        );
        ensure!(listed(&stage, who, "/v1/tasks", "tasks").await? == 0, "{who}");
        ensure!(listed(&stage, who, &format!("/v1/tasks?ticket={id}"), "tasks").await? == 0, "{who}");
        let queue = stage.get(who, "/v1/queue").await?.ok()?;
        let shown = ["running", "ready", "waiting"].map(|key| queue[key].as_array().map_or(0, Vec::len));
        ensure!(shown == [0; 3], "{who}: {queue:#}");
        for verb in
            ["approve", "reject", "amend", "run", "pause", "cancel", "retry", "skip", "undo", "withdraw"]
        {
            let body = match verb {
                "reject" => json!({ "reason": "no" }),
                "amend" => json!({ "sql": "SELECT 1" }),
                _ => json!({}),
            };
            let answer = stage.post(who, &format!("/v1/tickets/{id}/{verb}"), &body).await?;
            answer.refused("not-found").with_context(|| format!("{who} {verb}"))?;
        }
        stage.get(who, &format!("/v1/buttons/{button}")).await?.refused("not-found")?;
        stage.post(who, &format!("/v1/buttons/{button}/press"), &json!({})).await?.refused("not-found")?;
    }
    Ok(())
}

#[tokio::test]
async fn what_one_may_not_see_is_answered_as_what_is_not_there() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = waiting(&stage).await?;
    let there = stage.get("eve", &format!("/v1/tickets/{}", ticket["id"])).await?;
    let nowhere = stage.get("eve", "/v1/tickets/4711").await?;
    let (there, nowhere) =
        (line(&there.body), line(&nowhere.body).replace("T-4711", &format!("T-{}", ticket["id"])));
    ensure!(there == nowhere, "{there}\n{nowhere}");
    // The bot's token alone tells every ticket; acting for somebody it sees what he sees.
    let path = format!("/v1/tickets/{}", ticket["id"]);
    ensure!(stage.get("bot", &path).await?.status == 200);
    for (discord, status) in [("101", 200), ("103", 200), ("105", 404), ("999", 403)] {
        let asked =
            stage.ask("bot", Method::GET, &path).header("X-Dbdesk-Act-As", format!("discord:{discord}"));
        ensure!(asked.send().await?.status() == status, "{discord}");
    }
    Ok(())
}

#[tokio::test]
async fn a_dba_of_other_service_groups_freezes_and_restores_nothing_here() -> Result<()> {
    let stage = with_own_dbas().await?;
    let freeze = json!({ "service_group": "shop", "reason": "sale" });
    stage.post("mei", "/v1/freezes", &freeze).await?.refused("forbidden")?;
    let made = stage.post("bob", "/v1/freezes", &freeze).await?.ok()?;
    stage.post("mei", &format!("/v1/freezes/{}/end", made["id"]), &json!({})).await?.refused("forbidden")?;
    let rows = json!({ "service_group": "shop", "database": "shop", "table": "orders", "from": "2026-11-22 00:00", "reason": "r" });
    stage.post("mei", "/v1/restores", &rows).await?.refused("forbidden")?;
    Ok(())
}

#[tokio::test]
async fn schedules_are_seen_by_their_owners_team_and_the_dbas_of_their_group() -> Result<()> {
    let stage = with_own_dbas().await?;
    let nightly = json!({ "name": "nightly", "service_group": "shop", "database": "shop", "reason": "r", "cron": "30 2 * * *",
                          "sql": "UPDATE orders SET note = 'seen' WHERE id = 1;" });
    let made = stage.post("ann", "/v1/schedules", &nightly).await?.ok()?;
    let id = &made["schedule"]["id"];
    for (who, count, code) in [("wei", 1, "forbidden"), ("eve", 0, "not-found"), ("mei", 0, "not-found")] {
        ensure!(listed(&stage, who, "/v1/schedules", "schedules").await? == count, "{who}");
        stage.post(who, &format!("/v1/schedules/{id}/pause"), &json!({})).await?.refused(code)?;
    }
    ensure!(listed(&stage, "bob", "/v1/schedules", "schedules").await? == 1);
    stage.post("bob", &format!("/v1/schedules/{id}/pause"), &json!({})).await?.ok()?;
    Ok(())
}
