//! The DBAs' scripts through the API: who sees and runs which, what a run may be asked for with, and whom it needs.

use crate::stage::{Stage, line};
use anyhow::{Context as _, Result, ensure};
use dbdesk_commands::id::{TaskId, TicketId};
use dbdesk_store::{run::Lease, script_artifact};
use serde_json::{Value, json};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

const PARAMETERS: &str = "[[parameter]]\nname = \"database\"\ntext = { en = \"Which\", \"zh-CN\" = \"哪个\" }\nkind = \"database\"\nrequired = true\n\
    [[parameter]]\nname = \"most\"\ntext = { en = \"How many\", \"zh-CN\" = \"多少\" }\nkind = \"integer\"\nleast = 1\nmost = 100\ndefault = 20\n\
    [[parameter]]\nname = \"server\"\ntext = { en = \"Where\", \"zh-CN\" = \"哪台\" }\nkind = \"instance\"\n";

fn put(folder: &Path, name: &str, more: &str) -> Result<()> {
    let own = folder.join(name);
    fs::create_dir_all(&own)?;
    let text = format!(
        "name = \"{name}\"\ntitle = {{ en = \"Does {name}\", \"zh-CN\" = \"执行 {name}\" }}\ntime_limit = \"5m\"\nsecrets = \"none\"\n{more}"
    );
    fs::write(own.join("script.toml"), text)?;
    fs::write(own.join("run"), "#!/bin/sh\necho hello\n")?;
    Ok(fs::set_permissions(own.join("run"), fs::Permissions::from_mode(0o755))?)
}

/// A desk with scripts; those of the folder are there while it is.
async fn stage() -> Result<(Stage, tempfile::TempDir)> {
    let folder = tempfile::tempdir()?;
    put(
        folder.path(),
        "sizes",
        &format!("who = [\"developer\", \"dba\"]\napprovals = \"nobody\"\nrisk = \"low\"\n{PARAMETERS}"),
    )?;
    put(
        folder.path(),
        "kill",
        "who = [\"dba\"]\nrisk = \"high\"\napprovals = { from = \"dba\", needs = 2 }\n",
    )?;
    put(folder.path(), "leads", "who = [\"leads\"]\ntargets = { environments = [\"staging\"] }\n")?;
    put(folder.path(), "usual", "who = [\"developer\"]\n")?;
    let scripts = folder.path().to_owned();
    let leads = toml::from_str("people = [\"lea\"]")?;
    let stage = Stage::with(|config| {
        config.scripts.folder = scripts;
        config.policy.approvers.0.insert("leads".to_owned(), leads);
    })
    .await?;
    Ok((stage, folder))
}

fn run(but: &Value) -> Value {
    let mut body =
        json!({ "service_group": "shop", "parameters": { "database": "shop" }, "reason": "to know" });
    if let (Some(body), Some(but)) = (body.as_object_mut(), but.as_object()) {
        body.extend(but.clone());
    }
    body
}

fn names(page: &Value) -> Vec<&str> {
    page["scripts"].as_array().into_iter().flatten().filter_map(|script| script["name"].as_str()).collect()
}

#[tokio::test]
async fn a_script_is_there_for_those_who_may_run_it_as_soon_as_it_is_dropped_in() -> Result<()> {
    let (stage, folder) = stage().await?;
    for (who, sees) in [
        ("ann", vec!["sizes", "usual"]),
        ("bob", vec!["kill", "sizes"]),
        ("lea", vec!["leads", "sizes", "usual"]),
        ("max", vec![]),
    ] {
        let page = stage.get(who, "/v1/scripts").await?.ok()?;
        ensure!(names(&page) == sees, "{who}: {page:#}");
    }
    put(folder.path(), "fresh", "who = [\"developer\"]\n")?;
    let page = stage.get("ann", "/v1/scripts").await?.ok()?;
    ensure!(names(&page) == ["fresh", "sizes", "usual"], "{page:#}");
    fs::remove_dir_all(folder.path().join("fresh"))?;
    stage.get("ann", "/v1/scripts/fresh").await?.refused("not-found")?;
    stage.get("ann", "/v1/scripts/kill").await?.refused("not-found")?;
    let mut shown = stage.get("ann", "/v1/scripts/sizes").await?.ok()?;
    shown["files"] = json!("…");
    insta::assert_json_snapshot!(shown);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_folder_is_told_to_those_who_can_mend_it() -> Result<()> {
    let (stage, folder) = stage().await?;
    put(folder.path(), "bad-key", "who = [\"dba\"]\ncolour = \"red\"\n")?;
    put(folder.path(), "bad-group", "who = [\"leeds\"]\n")?;
    put(folder.path(), "open-to-all", "who = [\"developer\", \"dba\"]\n")?;
    fs::set_permissions(folder.path().join("open-to-all/run"), fs::Permissions::from_mode(0o757))?;
    fs::create_dir(folder.path().join("Empty"))?;
    let page = stage.get("bob", "/v1/scripts").await?.ok()?;
    let told: Vec<&str> =
        page["faults"].as_array().context("faults")?.iter().filter_map(Value::as_str).collect();
    let mut told = told.join("\n");
    for name in ["bad-key", "open-to-all"] {
        told += "\n";
        told += &stage.both("bob", &format!("/v1/scripts/{name}/runs"), &run(&json!({}))).await?;
    }
    insta::assert_snapshot!(told);
    let page = stage.get("ann", "/v1/scripts").await?.ok()?;
    ensure!(page["faults"] == Value::Null, "{page:#}");
    for name in ["bad-key", "open-to-all"] {
        stage
            .post("ann", &format!("/v1/scripts/{name}/runs"), &run(&json!({})))
            .await?
            .refused("not-found")?;
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
    let page = stage.get("bob", "/v1/scripts").await?.ok()?;
    ensure!(names(&page).is_empty() && page["faults"].to_string().contains("everybody"), "{page:#}");
    stage.post("ann", "/v1/scripts/sizes/runs", &run(&json!({}))).await?.refused("not-found")?;
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_run_is_refused_with_its_reason() -> Result<()> {
    let (stage, _folder) = stage().await?;
    let mut told = String::new();
    let mut refusals = async |who: &str, name: &str, but: &Value| -> Result<()> {
        told += &["\n", who, ": ", name, " ", &but.to_string(), "\n"].concat();
        told += &stage.both(who, &format!("/v1/scripts/{name}/runs"), &run(but)).await?;
        Ok(())
    };
    for but in [
        json!({ "parameters": {} }),
        json!({ "parameters": { "database": "stock" } }),
        json!({ "parameters": { "database": "shop", "most": 1_000 } }),
        json!({ "parameters": { "database": "shop", "most": "many" } }),
        json!({ "parameters": { "database": "shop", "server": "db-1:3306" } }),
        json!({ "parameters": { "database": "shop", "server": "$(id)" } }),
        json!({ "parameters": { "database": "shop", "more": 1 } }),
        json!({ "service_group": "shopp" }),
        json!({ "reason": " " }),
        json!({ "when": "soon" }),
    ] {
        refusals("ann", "sizes", &but).await?;
    }
    refusals("lea", "leads", &json!({ "parameters": {} })).await?;
    refusals("ann", "kill", &json!({ "parameters": {} })).await?;
    refusals("ann", "..%2f..%2fetc", &json!({ "parameters": {} })).await?;
    let port = stage.target.port().to_string();
    insta::assert_snapshot!(told.replace(&port, "<port>"));
    for but in [json!({ "password": "x" }), json!({ "parameters": [] })] {
        stage.post("ann", "/v1/scripts/sizes/runs", &run(&but)).await?.refused("bad-request")?;
    }
    let page = stage.get("bob", "/v1/tickets?which=all").await?.ok()?;
    ensure!(page["tickets"] == json!([]), "nothing is left of any: {page:#}");
    Ok(())
}

#[tokio::test]
async fn whom_a_run_needs_is_said_by_policy_and_by_its_manifest() -> Result<()> {
    let (mut stage, folder) = stage().await?;
    let free = stage.post("ann", "/v1/scripts/sizes/runs", &run(&json!({}))).await?.ok()?;
    ensure!(free["state"] == "scheduled" && free["kind"] == "script", "{free:#}");
    ensure!(free["approved_by_policy"] == true && free["database"] == "shop", "{free:#}");
    let text = free["sql"].as_str().context("a text")?.to_owned();
    ensure!(text.contains("database = \"shop\"\nmost = 20\n") && text.contains("-- files "), "{text}");

    let usual =
        stage.post("ann", "/v1/scripts/usual/runs", &run(&json!({ "parameters": {} }))).await?.ok()?;
    ensure!(usual["state"] == "awaiting_approval" && usual["why_person"] == "script", "{usual:#}");
    ensure!(usual["database"] == "usual" && usual["steps"][0]["from"] == "dba", "{usual:#}");
    let id = &usual["id"];
    stage.post("ann", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.refused("forbidden")?;
    stage.post("wei", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.refused("forbidden")?;
    stage
        .post("ann", &format!("/v1/tickets/{id}/amend"), &json!({ "sql": "DROP TABLE x" }))
        .await?
        .refused("wrong-state")?;
    let done = stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.ok()?;
    ensure!(done["state"] == "scheduled", "{done:#}");

    let kill = stage.post("bob", "/v1/scripts/kill/runs", &run(&json!({ "parameters": {} }))).await?.ok()?;
    ensure!(
        kill["steps"] == json!([{ "from": "dba", "needs": 2, "open": true, "every_dba": true }]),
        "{kill:#}"
    );

    let id = &kill["id"];
    stage.post("bob", &format!("/v1/tickets/{id}/approve"), &json!({})).await?.refused("own-ticket")?;

    // Policy has the last word: what a manifest lets pass it may hold.
    let rule = toml::from_str(
        "name = \"scripts\"\nkinds = [\"script\"]\nsteps = [{ from = \"leads\", needs = 1 }]",
    )?;
    stage.anew(|config| config.policy.rule.push(rule)).await?;
    let held = stage.post("ann", "/v1/scripts/sizes/runs", &run(&json!({}))).await?.ok()?;
    ensure!(held["state"] == "awaiting_approval" && held["steps"][0]["from"] == "leads", "{held:#}");
    let both = stage.post("bob", "/v1/scripts/kill/runs", &run(&json!({ "parameters": {} }))).await?.ok()?;
    let steps: Vec<_> = both["steps"].as_array().context("steps")?.iter().map(|step| &step["from"]).collect();
    ensure!(steps == ["leads", "dba"], "{both:#}");

    // Another byte is another text, and another hash to approve.
    fs::write(folder.path().join("sizes/more"), "x")?;
    let again = stage.post("ann", "/v1/scripts/sizes/runs", &run(&json!({}))).await?.ok()?;
    ensure!(again["sql_hash"] != held["sql_hash"], "{again:#}");
    Ok(())
}

#[tokio::test]
async fn what_was_handed_over_is_for_those_who_see_the_ticket() -> Result<()> {
    let (stage, _folder) = stage().await?;
    let ticket = stage.post("ann", "/v1/scripts/sizes/runs", &run(&json!({}))).await?.ok()?;
    let id = ticket["id"].as_u64().context("a number")?;
    stage.claimed(&ticket["id"]).await?;
    let task = ticket["task"]["id"].as_u64().context("a task")?;
    let lease = Lease { task: TaskId(task), ticket: TicketId(id), epoch: 1 };
    let artifact = script_artifact::Artifact {
        seq: 1,
        name: "sizes.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        content: b"a,b\n".to_vec(),
    };
    ensure!(script_artifact::put(&stage.pool, &lease, &artifact, stage.now()).await?);
    ensure!(
        script_artifact::put(&stage.pool, &lease, &artifact, stage.now()).await?,
        "again, it is the same"
    );
    let other = Lease { epoch: 2, ..lease };
    let second = script_artifact::Artifact { seq: 2, ..artifact };
    ensure!(!script_artifact::put(&stage.pool, &other, &second, stage.now()).await?, "through the fence");
    let path = format!("/v1/tickets/{id}/artifacts");
    for who in ["ann", "wei", "bob", "bot"] {
        let page = stage.get(who, &path).await?.ok()?;
        ensure!(
            page["artifacts"][0]["base64"] == "YSxiCg==" && page["artifacts"][1] == Value::Null,
            "{who}: {page:#}"
        );
    }
    let refused = stage.get("eve", &path).await?.refused("not-found")?;
    ensure!(line(&refused).contains("not-found"));
    script_artifact::purge(&stage.pool, stage.now() + chrono::TimeDelta::seconds(1)).await?;
    ensure!(stage.get("ann", &path).await?.ok()?["artifacts"] == json!([]));
    Ok(())
}

#[tokio::test]
async fn scripts_are_steps_of_a_workflow_before_and_after_a_change() -> Result<()> {
    let (stage, _folder) = stage().await?;
    let server = format!("127.0.0.1:{}", stage.target.port());
    let path = "/v1/service-groups/shop/workflows";
    let body = |before: &str| {
        json!({
            "change": { "do": "instance_read_only", "server": server, "on": true },
            "before": [{ "name": before }],
            "after": [{ "name": "sizes", "parameters": { "database": "shop" } }],
            "reason": "as agreed",
        })
    };
    let ticket = stage.post("bob", path, &body("kill")).await?.ok()?;
    let text = ticket["sql"].as_str().context("a text")?;
    ensure!(text.contains("1. Run the script kill") && text.contains("3. Run the script sizes"), "{text}");
    let steps = ticket["steps"].to_string();
    ensure!(steps.contains("\"needs\":2"), "whoever approves the script approves this: {steps}");
    for (before, why) in [("leads", "no script"), ("no-such", "no script")] {
        let refused = stage.post("bob", path, &body(before)).await?;
        let told = refused.body.to_string();
        ensure!(told.contains(why), "{told}");
    }
    Ok(())
}
