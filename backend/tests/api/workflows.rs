//! Changes of a service group: what is filed, what is read of it before it is approved, and what is refused.

use crate::stage::Stage;
use anyhow::{Context as _, Result, ensure};
use dbdesk_cmdb::inventory;
use dbdesk_store::{begin, commit, group_history::Change, host, service_group};
use serde_json::{Value, json};
use std::fmt::Write as _;

const PARTS: &str = "/v1/service-groups/cart/parts";
const WORKFLOWS: &str = "/v1/service-groups/cart/workflows";

/// Beside shop: `cart`, whose servers do not answer, and `solo`, which is the target under another name.
async fn settle(stage: &Stage) -> Result<()> {
    let port = stage.target.port();
    let text = format!(
        r#"
[[host]]
name = "db-1"
address = "127.0.0.1"
memory_mb = 1000
[[host]]
name = "db-2"
address = "localhost"
[[group]]
name = "cart"
environment = "production"
flavour = "mariadb-10.11"
time_zone = "UTC"
databases = ["cart"]
semi_sync = true
[[group.instance]]
host = "127.0.0.1"
port = 11
role = "primary"
[[group.instance]]
host = "127.0.0.1"
port = 12
role = "replica"
[[group.instance]]
host = "127.0.0.1"
port = 13
role = "replica"
[[group.proxy]]
host = "127.0.0.1"
kind = "haproxy"
admin = "/run/haproxy-cart.sock"
write_port = 6446
read_port = 6447
[[group.vip]]
address = "10.0.9.9"
prefix_bits = 24
interface = "eth0"
hosts = ["db-1", "db-2"]
[[group.name_in_dns]]
name = "cart.db.example"
zone = "db.example"
ttl_s = 5
[[group]]
name = "solo"
environment = "staging"
flavour = "mariadb-10.11"
time_zone = "UTC"
databases = ["shop"]
[[group.instance]]
host = "localhost"
port = {port}
role = "primary"
"#
    );
    let found = inventory::read(&text).map_err(|faults| anyhow::anyhow!("{faults:?}"))?;
    let mut tx = begin(&stage.pool).await?;
    for one in &found.hosts {
        host::put(&mut tx, one, &Change::first("a test"), stage.now()).await?;
    }
    for group in &found.groups {
        service_group::put(&mut tx, group, &Change::first("a test"), stage.now()).await?;
    }
    commit(tx).await?;
    Ok(())
}

fn asked(change: &Value) -> Value {
    json!({ "change": change, "reason": "as agreed" })
}

async fn filed(stage: &Stage, path: &str, change: Value) -> Result<(Value, String)> {
    let ticket = stage.post("bob", path, &asked(&change)).await?.ok().with_context(|| change.to_string())?;
    ensure!(ticket["kind"] == "cluster" && ticket["state"] == "awaiting_approval", "{ticket:#}");
    let text = ticket["sql"].as_str().context("a text")?;
    let text = text.replace(&stage.target.port().to_string(), "PORT");
    let told = format!("{change}\nrisk: {}\n{text}\n", ticket["risk"]);
    Ok((ticket, told))
}

#[tokio::test]
async fn each_change_is_a_ticket_with_every_step_in_its_text() -> Result<()> {
    let stage = Stage::start().await?;
    settle(&stage).await?;
    let (server, proxy) = ("127.0.0.1:13", "127.0.0.1:6446");
    let mut told = String::new();
    for change in [
        json!({ "do": "switchover", "to": "127.0.0.1:12" }),
        json!({ "do": "add_replica", "host": "db-1", "port": 14, "parameters": { "max_connections": "300" } }),
        json!({ "do": "remove_replica", "server": server }),
        json!({ "do": "retire" }),
        json!({ "do": "proxy_hold" }),
        json!({ "do": "proxy_point", "to": "127.0.0.1:11", "proxy": proxy }),
        json!({ "do": "proxy_drain", "server": server }),
        json!({ "do": "proxy_ready", "server": server, "proxy": proxy }),
        json!({ "do": "proxy_weight", "server": server, "weight": 20 }),
        json!({ "do": "proxy_add", "server": "127.0.0.1:11", "weight": 1 }),
        json!({ "do": "proxy_remove", "server": server, "proxy": proxy }),
        json!({ "do": "vip_move", "vip": "10.0.9.9", "to": "db-2" }),
        json!({ "do": "vip_release", "vip": "10.0.9.9" }),
        json!({ "do": "dns_set", "name": "basket.db.example", "to": ["cart.db.example"], "ttl_s": 30 }),
        json!({ "do": "dns_remove", "name": "cart.db.example" }),
        json!({ "do": "instance_start", "server": server }),
        json!({ "do": "instance_stop", "server": "db-1:13" }),
        json!({ "do": "instance_read_only", "server": server, "on": true }),
        json!({ "do": "instance_follow", "server": server, "source": "127.0.0.1:12" }),
    ] {
        told += &filed(&stage, WORKFLOWS, change).await?.1;
    }
    let solo = "/v1/service-groups/solo/workflows";
    let values = json!({ "max_connections": "300" });
    told += &filed(&stage, solo, json!({ "do": "parameters", "values": values })).await?.1;
    let server = format!("localhost:{}", stage.target.port());
    let change = json!({ "do": "instance_parameters", "server": server, "values": values });
    told += &filed(&stage, solo, change).await?.1.replace(&stage.target.port().to_string(), "PORT");
    insta::assert_snapshot!(told);

    let parts = stage.get("ann", PARTS).await?.ok()?;
    insta::assert_snapshot!("parts", serde_json::to_string_pretty(&parts)?);
    let known = stage.get("ann", "/v1/service-groups/cart/parameters").await?.ok()?;
    let first = &known["options"][0];
    ensure!(first["name"] == "back_log" && first["is_dynamic"] == false, "{first:#}");
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_is_refused_with_all_its_reasons_and_nothing_is_filed() -> Result<()> {
    let stage = Stage::start().await?;
    settle(&stage).await?;
    let mut told = String::new();
    let hold = asked(&json!({ "do": "proxy_hold" }));
    for who in ["ann", "max"] {
        told += &stage.both(who, WORKFLOWS, &hold).await?;
    }
    for change in [
        json!({ "do": "switchover", "to": "127.0.0.1:11" }),
        json!({ "do": "switchover", "to": "elsewhere:3306" }),
        json!({ "do": "add_replica", "host": "db-2", "by": "clone", "parameters": { "datadir": "/tmp" } }),
        json!({ "do": "add_replica", "host": "nowhere" }),
        json!({ "do": "add_replica", "host": "db-1", "port": stage.target.port() }),
        json!({ "do": "remove_replica", "server": "127.0.0.1:11" }),
        json!({ "do": "parameters", "values": {} }),
        json!({ "do": "parameters", "values": { "max_conections": "1" } }),
        json!({ "do": "parameters", "values": { "max_connections": "300" } }),
        json!({ "do": "proxy_hold", "proxy": "127.0.0.1:11" }),
        json!({ "do": "vip_move", "vip": "10.0.9.9", "to": "db-3" }),
        json!({ "do": "dns_set", "name": "cart.db.example", "to": ["10.0.0.1", "cart"] }),
        json!({ "do": "dns_set", "name": "Cart", "to": ["10.0.0.1"] }),
        json!({ "do": "dns_remove", "name": "basket.db.example" }),
        json!({ "do": "instance_follow", "server": "127.0.0.1:12", "source": "127.0.0.1:12" }),
    ] {
        writeln!(told, "{change}")?;
        told += &stage.both("bob", WORKFLOWS, &asked(&change)).await?;
    }
    insta::assert_snapshot!(told.replace(&stage.target.port().to_string(), "PORT"));
    for wrong in [
        json!({ "change": { "do": "retire", "now": true }, "reason": "x" }),
        json!({ "change": { "do": "explode" }, "reason": "x" }),
        json!({ "change": { "do": "retire" }, "reason": " " }),
        json!({ "change": { "do": "retire" }, "reason": "x", "when": "yesterday" }),
    ] {
        let answer = stage.post("bob", WORKFLOWS, &wrong).await?;
        ensure!((400..500).contains(&answer.status), "{wrong}: {answer:?}");
    }
    stage.post("bob", "/v1/service-groups/nowhere/workflows", &hold).await?.refused("unknown-group")?;
    let list = stage.get("bob", "/v1/tickets?which=all").await?.ok()?;
    ensure!(list["tickets"] == json!([]), "{list:#}");
    Ok(())
}

#[tokio::test]
async fn what_is_felt_is_approved_by_another_dba_who_types_the_groups_name() -> Result<()> {
    let stage = Stage::start().await?;
    settle(&stage).await?;
    let (ticket, _) = filed(&stage, WORKFLOWS, json!({ "do": "proxy_hold" })).await?;
    let path = format!("/v1/tickets/{}/approve", ticket["id"]);
    stage.post("bob", &path, &json!({ "confirm": "cart" })).await?.refused("own-ticket")?;
    stage.post("mei", &path, &json!({})).await?.refused("not-confirmed")?;
    let approved = stage.post("mei", &path, &json!({ "confirm": "cart" })).await?.ok()?;
    ensure!(approved["state"] == "scheduled", "{approved:#}");
    let (mild, _) =
        filed(&stage, WORKFLOWS, json!({ "do": "proxy_weight", "server": "127.0.0.1:12", "weight": 3 }))
            .await?;
    stage.post("mei", &format!("/v1/tickets/{}/approve", mild["id"]), &json!({})).await?.ok()?;
    Ok(())
}
