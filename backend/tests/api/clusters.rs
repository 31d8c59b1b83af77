//! Clusters: what is offered, what a request comes to, what it keeps from others while it is built, and what becomes of it.

use crate::stage::{Stage, answer, line};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::{config::Secret, service::cluster_settle};
use dbdesk_cmdb::{Host, Reach};
use dbdesk_store::{begin, commit, group_history::Change, host};
use reqwest::Method;
use serde_json::{Value, json};
use std::{fs, path::Path};

/// A desk with the packages that ship, seven hosts, and accounts.
async fn stage() -> Result<Stage> {
    with(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../packages")).await
}

async fn with(packages: &Path) -> Result<Stage> {
    let stage = Stage::with(|config| {
        packages.clone_into(&mut config.cluster.packages_dir);
        config.target.account_password = Secret::new("account-pw");
        config.backup.secret_key = Secret::new("5a".repeat(32));
    })
    .await?;
    let mut tx = begin(&stage.pool).await?;
    for number in 1..=7 {
        let host = Host {
            name: format!("db-{number}"),
            address: format!("10.0.0.{number}"),
            reach: Reach::Here,
            folder: "/srv/dbdesk".to_owned(),
            user: "mysql".to_owned(),
            memory_mb: Some(4_096),
            labels: Vec::new(),
        };
        host::put(&mut tx, &host, &Change::first("a test"), stage.now()).await?;
    }
    commit(tx).await?;
    Ok(stage)
}

/// A request that is all right, but for this.
fn request(but: &Value) -> Value {
    let mut body = json!({
        "name": "cart", "environment": "staging", "reason": "a new cart", "package": "A",
        "hosts": [
            { "host": "db-1", "role": "primary" }, { "host": "db-2", "role": "replica" }, { "host": "db-3", "role": "replica" }
        ],
        "proxies": [{ "host": "db-4" }, { "host": "db-5" }],
        "vip": { "address": "10.0.0.50", "prefix_bits": 24, "interface": "eth0" },
        "names": [{ "name": "cart.db.example" }, { "name": "cart-ro.db.example", "purpose": "read" }],
        "database": { "name": "cart" }
    });
    if let (Some(body), Some(but)) = (body.as_object_mut(), but.as_object()) {
        body.extend(but.clone());
    }
    body
}

/// One server on a host, from package D.
fn single(name: &str, host: &str) -> Value {
    request(&json!({
        "name": name, "package": "d", "hosts": [{ "host": host, "role": "primary" }], "proxies": [], "vip": null, "names": []
    }))
}

async fn settle(stage: &Stage) -> Result<usize> {
    cluster_settle::settle(&stage.desk).await.map_err(|error| anyhow::anyhow!("{error:?}"))
}

async fn ends(on: &Stage, id: &Value, state: &str, began: bool) -> Result<()> {
    let started = if began { "NOW(3)" } else { "NULL" };
    let task = if state == "done" { "succeeded" } else { state };
    let script = format!(
        "UPDATE desk.task SET state = '{task}', started_at = {started} WHERE ticket_id = {id}; \
         UPDATE desk.ticket SET state = '{state}', version = version + 1 WHERE id = {id}"
    );
    on.store.sql(&script).await.map(drop)
}

#[tokio::test]
async fn packages_and_hosts_are_there_for_one_who_chooses() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packages");
    for name in ["a.toml", "d.toml", "README.md"] {
        fs::copy(shipped.join(name), folder.path().join(name))?;
    }
    let text = fs::read_to_string(shipped.join("c.toml"))?;
    fs::write(folder.path().join("c.toml"), text.replace("ttl_s = 5", "ttl_s = 0"))?;
    let stage = with(folder.path()).await?;
    let page = stage.get("ann", "/v1/packages").await?.ok()?;
    let names: Vec<&Value> =
        page["packages"].as_array().context("packages")?.iter().map(|it| &it["name"]).collect();
    ensure!(names == ["a", "d"] && page["faults"] == Value::Null, "{page:#}");
    insta::assert_json_snapshot!(page["packages"][0]);
    let page = stage.get("bob", "/v1/packages").await?.ok()?;
    ensure!(page["faults"][0].as_str().is_some_and(|told| told.starts_with("c.toml: `ttl_s`")), "{page:#}");
    fs::remove_file(folder.path().join("d.toml"))?;
    let page = stage.get("ann", "/v1/packages").await?.ok()?;
    ensure!(page["packages"][1] == Value::Null, "what is taken out is gone: {page:#}");
    let page = stage.get("ann", "/v1/hosts?prefix=db-1").await?.ok()?;
    ensure!(
        page["hosts"] == json!([{ "name": "db-1", "address": "10.0.0.1", "memory_mb": 4_096, "taken": 0 }]),
        "{page:#}"
    );
    Ok(())
}

#[tokio::test]
async fn a_request_is_judged_whole_and_filed_by_the_same_judgement() -> Result<()> {
    let stage = stage().await?;
    let mut told = String::new();
    for but in [
        json!({ "package": "Z" }),
        json!({ "name": "shop", "hosts": [{ "host": "db-9", "role": "primary" }], "buffer_pool_mb": 4_000 }),
        json!({ "account": { "name": "cart_rw", "level": "rw", "from": "everywhere" } }),
        json!({ "account": { "name": "cart_rw", "level": "rw", "from": "10.1.0.0/16", "until": "9999d" } }),
    ] {
        let check = stage.post("ann", "/v1/clusters/check", &request(&but)).await?.ok()?;
        ensure!(check["faults"][0].is_object() && check["steps"] == json!([]), "{check:#}");
        told += &stage.both("ann", "/v1/clusters", &request(&but)).await?;
    }
    insta::assert_snapshot!(told);
    stage.post("ann", "/v1/clusters", &request(&json!({ "colour": "red" }))).await?.refused("bad-request")?;
    let check = stage.post("ann", "/v1/clusters/check", &request(&json!({}))).await?.ok()?;
    ensure!(check["faults"] == json!([]) && check["picture"].to_string().contains("10.0.0.50"), "{check:#}");
    ensure!(check["request"]["team"] == "store-front" && check["request"]["semi_sync"] == true, "{check:#}");
    stage.get("ann", "/v1/service-groups/cart").await?.refused("unknown-group")?;

    let ticket = stage.post("ann", "/v1/clusters", &request(&json!({}))).await?.ok()?;
    ensure!(ticket["state"] == "awaiting_approval" && ticket["kind"] == "cluster", "{ticket:#}");
    ensure!(ticket["reason"] == "a new cart" && ticket["risk"] == "medium", "{ticket:#}");
    let steps = check["steps"].as_array().context("steps")?;
    let text = ticket["sql"].as_str().context("a text")?;
    ensure!(steps.iter().all(|step| text.contains(step["en"].as_str().unwrap_or("?"))), "{text}");
    insta::assert_snapshot!(text);
    let id = &ticket["id"];
    stage.post("ann", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.refused("forbidden")?;
    let approved = stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    ensure!(approved["state"] == "scheduled", "{approved:#}");
    Ok(())
}

#[tokio::test]
async fn what_is_being_built_is_kept_from_others_and_nothing_is_asked_of_it() -> Result<()> {
    let stage = stage().await?;
    let ticket = stage.post("ann", "/v1/clusters", &request(&json!({}))).await?.ok()?;
    let mut told = stage.both("eve", "/v1/clusters", &request(&json!({}))).await?;
    let sql = json!({ "service_group": "cart", "database": "cart", "sql": "SELECT 1", "reason": "x", "when": "now" });
    told += &stage.both("ann", "/v1/tickets", &sql).await?;
    let account = json!({
        "service_group": "cart", "database": "cart", "level": "ro", "from": "10.1.0.0/16", "until": "30d", "reason": "x"
    });
    told += &stage.both("ann", "/v1/accounts", &account).await?;
    told += &stage
        .both("ann", "/v1/databases", &json!({ "service_group": "cart", "name": "more", "reason": "x" }))
        .await?;
    insta::assert_snapshot!(told);
    let page = stage.get("ann", "/v1/service-groups?prefix=car").await?.ok()?;
    ensure!(page["groups"] == json!([]), "it is not offered: {page:#}");
    let page = stage.get("ann", "/v1/service-groups").await?.ok()?;
    ensure!(page.to_string().contains("\"cart\""), "but it is listed: {page:#}");
    let history = stage.get("ann", "/v1/service-groups/cart/history").await?.ok()?;
    ensure!(history["versions"][0]["ticket"] == ticket["id"], "{history:#}");
    let host = stage.get("ann", "/v1/hosts?prefix=db-4").await?.ok()?;
    ensure!(host["hosts"][0]["taken"] == 2, "both ports of the proxy: {host:#}");
    ensure!(settle(&stage).await? == 0, "nothing is due while it waits");
    Ok(())
}

#[tokio::test]
async fn the_name_is_free_again_when_the_ticket_ends_without_it() -> Result<()> {
    let stage = stage().await?;
    for end in ["reject", "withdraw", "cancel"] {
        let ticket = stage.post("ann", "/v1/clusters", &request(&json!({}))).await?.ok()?;
        let path = |verb: &str| format!("/v1/tickets/{}/{verb}", ticket["id"]);
        match end {
            "reject" => stage.post("bob", &path("reject"), &json!({ "reason": "no room" })).await?.ok()?,
            "withdraw" => stage.post("ann", &path("withdraw"), &json!({})).await?.ok()?,
            _ => {
                stage.post("bob", &path("approve"), &json!({})).await?.ok()?;
                ends(&stage, &ticket["id"], "cancelled", false).await?;
                Value::Null
            }
        };
        ensure!(settle(&stage).await? == 1 && settle(&stage).await? == 0, "once: {end}");
        stage.get("ann", "/v1/service-groups/cart").await?.refused("unknown-group")?;
        let shown = stage.get("ann", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
        ensure!(shown["service_group"] == "cart", "its ticket can still be looked at: {shown:#}");
        if end == "cancel" {
            let retried = stage.post("bob", &path("retry"), &json!({})).await?;
            let refused = retried.refused("wrong-state")?;
            ensure!(line(&refused).contains("not there any more"), "{refused:#}");
        }
    }
    stage.post("eve", "/v1/clusters", &request(&json!({}))).await?.ok()?;
    Ok(())
}

#[tokio::test]
async fn what_was_begun_is_kept_until_it_is_taken_back() -> Result<()> {
    let stage = stage().await?;
    let ticket = stage.post("ann", "/v1/clusters", &single("cart", "db-1")).await?.ok()?;
    let id = &ticket["id"];
    stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    ends(&stage, id, "failed", true).await?;
    ensure!(settle(&stage).await? == 0, "a server may be there");
    stage.get("ann", "/v1/service-groups/cart").await?.ok()?;
    let undo = stage
        .post("bob", &format!("/v1/tickets/{id}/undo"), &json!({ "reason": "not wanted" }))
        .await?
        .ok()?;
    ensure!(settle(&stage).await? == 0, "not yet");
    ends(&stage, &undo["id"], "done", true).await?;
    ensure!(settle(&stage).await? == 1, "now nothing of it is left");
    stage.get("ann", "/v1/service-groups/cart").await?.refused("unknown-group")?;
    stage.post("ann", "/v1/clusters", &single("cart", "db-1")).await?.ok()?;
    Ok(())
}

#[tokio::test]
async fn the_first_account_is_asked_for_once_the_cluster_is_there() -> Result<()> {
    let stage = stage().await?;
    for (name, user, host) in [("cart", "cart_rw", "db-1"), ("till", "till_rw", "db-2")] {
        let mut body = single(name, host);
        body["account"] = json!({ "name": user, "level": "rw", "from": "10.1.0.0/16" });
        let ticket = stage.post("ann", "/v1/clusters", &body).await?.ok()?;
        let id = &ticket["id"];
        stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
        ends(&stage, id, "done", true).await?;
        ensure!(settle(&stage).await? == 0, "the inventory does not say yet that it is in service");
        let in_service = format!(
            "UPDATE desk.service_group SET stage = 'in_service', spec = JSON_SET(spec, '$.stage', 'in_service') WHERE name = '{name}'"
        );
        stage.store.sql(&in_service).await?;
        if name == "till" {
            // Who asked for it has left.
            stage.store.sql("DELETE FROM desk.person_role WHERE person_id = (SELECT id FROM desk.person WHERE name = 'ann')").await?;
        }
        ensure!(settle(&stage).await? == 1 && settle(&stage).await? == 0, "once");
        let log = stage.get("bob", &format!("/v1/tickets/{id}/log")).await?.ok()?;
        let last = log["entries"].as_array().and_then(|all| all.last()).context("an entry")?["event"].clone();
        if name == "till" {
            ensure!(last["kind"] == "account_not_asked", "{last:#}");
            continue;
        }
        ensure!(last["kind"] == "account_asked", "{last:#}");
        let account = stage.get("ann", &format!("/v1/tickets/{}", last["ticket"])).await?.ok()?;
        ensure!(account["kind"] == "account" && account["state"] == "awaiting_approval", "{account:#}");
        ensure!(account["requester"]["name"] == "ann" && account["service_group"] == "cart", "{account:#}");
        ensure!(account["sql"].to_string().contains("cart_rw"), "{account:#}");
    }
    Ok(())
}

#[tokio::test]
async fn two_who_want_the_same_address_do_not_both_get_it() -> Result<()> {
    let stage = stage().await?;
    let of = |name: &str, base: u8| {
        let host = |at: u8| format!("db-{}", base + at);
        json!({
            "name": name, "environment": "staging", "reason": "a race", "package": "c",
            "hosts": [{ "host": host(0), "role": "primary" }, { "host": host(1), "role": "replica" }],
            "names": [{ "name": "same.db.example" }], "database": { "name": "x" }
        })
    };
    let (one, other) = (of("one", 1), of("other", 3));
    let (one, other) =
        tokio::join!(stage.post("ann", "/v1/clusters", &one), stage.post("eve", "/v1/clusters", &other));
    let good = [one?, other?].iter().filter(|answer| (200..300).contains(&answer.status)).count();
    ensure!(good == 1, "{good}");
    Ok(())
}

#[tokio::test]
async fn nobody_keeps_everything_from_the_others() -> Result<()> {
    let stage = stage().await?;
    for number in 1..=5 {
        stage
            .post("ann", "/v1/clusters", &single(&format!("cart-{number}"), &format!("db-{number}")))
            .await?
            .ok()?;
    }
    let sixth = single("cart-6", "db-6");
    insta::assert_snapshot!(stage.both("ann", "/v1/clusters", &sixth).await?);
    stage.post("eve", "/v1/clusters", &sixth).await?.ok()?;
    Ok(())
}

#[tokio::test]
async fn a_draft_is_its_persons_alone_and_keeps_what_was_typed() -> Result<()> {
    let stage = stage().await?;
    let begun = json!({ "name": "cart", "environment": "staging", "reason": "a new cart" });
    let view = stage.post("ann", "/v1/cluster-drafts", &begun).await?.ok()?;
    let path = format!("/v1/cluster-drafts/{}", view["id"].as_str().context("an id")?);
    ensure!(
        view["hosts"].as_array().map(Vec::len) == Some(7) && view["packages"][0]["name"] == "a",
        "{view:#}"
    );
    ensure!(view["check"]["faults"][0]["part"] == "package", "{view:#}");
    for who in ["eve", "bob", "max"] {
        stage.get(who, &path).await?.refused("not-found")?;
    }
    let put = async |seen: u64, draft: &Value| {
        let body = json!({ "seen": seen, "draft": draft });
        answer(stage.ask("ann", Method::PUT, &path).json(&body)).await
    };
    let mut draft = view["draft"].clone();
    for (key, value) in [
        ("package", json!("d")),
        ("primary", json!("db-1")),
        ("buffer_pool_mb", json!("much")),
        ("database", json!("cart")),
    ] {
        draft[key] = value;
    }
    let view = put(1, &draft).await?.ok()?;
    ensure!(view["draft"]["buffer_pool_mb"] == "much" && view["check"]["steps"] == json!([]), "{view:#}");
    ensure!(view["check"]["faults"].as_array().map(Vec::len) == Some(1), "{view:#}");
    stage.post("ann", &format!("{path}/file"), &json!({})).await?.refused("invalid")?;
    put(1, &draft).await?.refused("conflict")?;
    draft["buffer_pool_mb"] = json!("1G");
    let view = put(2, &draft).await?.ok()?;
    ensure!(
        view["check"]["faults"] == json!([]) && view["check"]["request"]["buffer_pool_mb"] == 1_024,
        "{view:#}"
    );
    let picture = stage.ask("ann", Method::GET, &format!("{path}/picture.png")).send().await?.bytes().await?;
    ensure!(picture.starts_with(b"\x89PNG"), "a picture");
    let ticket = stage.post("ann", &format!("{path}/file"), &json!({})).await?.ok()?;
    ensure!(ticket["state"] == "awaiting_approval" && ticket["service_group"] == "cart", "{ticket:#}");
    let gone = stage.get("ann", &path).await?.refused("not-found")?;
    ensure!(line(&gone).contains("/cluster build"), "{gone:#}");

    let other = stage.post("ann", "/v1/cluster-drafts", &begun).await?.ok()?;
    let other = format!("/v1/cluster-drafts/{}", other["id"].as_str().context("an id")?);
    ensure!(answer(stage.ask("ann", Method::DELETE, &other)).await?.status == 204, "it is forgotten");
    stage.get("ann", &other).await?.refused("not-found")?;
    let old = stage.post("ann", "/v1/cluster-drafts", &begun).await?.ok()?;
    stage.later(TimeDelta::hours(25));
    stage
        .get("ann", &format!("/v1/cluster-drafts/{}", old["id"].as_str().context("an id")?))
        .await?
        .refused("not-found")?;
    Ok(())
}
