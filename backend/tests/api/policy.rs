//! Who must approve what: steps of policy, people who stand in for others, emergencies, reminders.

use crate::stage::{SMALL, Stage, WHOLE, line};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::service::{policy_explain::explain, reminding};
use dbdesk_cmdb::GroupId;
use dbdesk_commands::id::{PersonId, TicketId};
use dbdesk_store::{
    begin, commit,
    delegation::{self, Delegation},
    emergency, person, service_group,
};
use dbdesk_ticket::spread::{Shard, Spread};
use serde_json::{Value, json};

const TWO_STEPS: &str = r#"
[approvers.leads]
people = ["lea", "ann"]
[[rule]]
name = "rows in production"
kinds = ["dml"]
environments = ["production"]
steps = [{ from = "leads", needs = 1 }, { from = "dba", needs = 2 }]
"#;

async fn with(policy: &str) -> Result<Stage> {
    let policy = toml::from_str(policy)?;
    Stage::with(|config| config.policy = policy).await
}

/// A ticket of this person's that waits for an approval.
async fn waiting(stage: &Stage, who: &str) -> Result<Value> {
    let body = json!({ "service_group": "shop", "database": "shop", "sql": WHOLE, "reason": "as asked", "when": "2026-12-01 08:00" });
    let ticket = stage.post(who, "/v1/tickets", &body).await?.ok()?;
    stage.post(who, &format!("/v1/tickets/{}/send-to-dba", ticket["id"]), &json!({})).await?.ok()
}

fn approve(ticket: &Value) -> String {
    format!("/v1/tickets/{}/approve", ticket["id"])
}

/// The steps as `given/needs from`, the open one marked.
fn steps(ticket: &Value) -> String {
    let step = |step: &Value| {
        let given = step["given"].as_array().map_or(0, Vec::len);
        let open = if step["open"] == true { "*" } else { "" };
        format!("{given}/{} {}{open}", step["needs"], step["from"].as_str().unwrap_or_default())
    };
    ticket["steps"].as_array().into_iter().flatten().map(step).collect::<Vec<_>>().join(", ")
}

async fn id_of(stage: &Stage, name: &str) -> Result<PersonId> {
    Ok(person::by_name(&stage.pool, name).await?.context("a person")?.id)
}

#[tokio::test]
async fn steps_are_taken_one_after_the_other_by_different_people_and_the_last_one_lets_it_run() -> Result<()>
{
    let stage = with(TWO_STEPS).await?;
    let ticket = waiting(&stage, "wei").await?;
    ensure!(steps(&ticket) == "0/1 leads*, 0/2 dba" && ticket["rule"] == "rows in production", "{ticket:#}");
    let mut told = stage.both("bob", &approve(&ticket), &json!({})).await?;
    told += &stage.both("wei", &approve(&ticket), &json!({})).await?;
    told += &stage.both("eve", &approve(&ticket), &json!({})).await?;
    told += &stage.both("max", &approve(&ticket), &json!({})).await?;
    let first = stage.post("lea", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(first["state"] == "awaiting_approval" && steps(&first) == "1/1 leads, 0/2 dba*", "{first:#}");
    told += &stage.both("lea", &approve(&ticket), &json!({})).await?;
    let second = stage.post("bob", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(second["state"] == "awaiting_approval" && steps(&second) == "1/1 leads, 1/2 dba*", "{second:#}");
    told += &stage.both("bob", &approve(&ticket), &json!({})).await?;
    ensure!(second["task"] == Value::Null && second["decided_by"] == Value::Null, "{second:#}");
    let third = stage.post("mei", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(third["state"] == "scheduled" && steps(&third) == "1/1 leads, 2/2 dba", "{third:#}");
    let story = stage.story(&ticket["id"]).await?;
    ensure!(story == "filed sent_to_dba step_approved step_approved approved", "{story}");
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn two_who_press_at_the_same_moment_count_once_each() -> Result<()> {
    let stage = with(TWO_STEPS).await?;
    for _ in 0..5 {
        let ticket = waiting(&stage, "wei").await?;
        let (path, nothing) = (approve(&ticket), json!({}));
        stage.post("lea", &path, &nothing).await?.ok()?;
        let (bob, again, mei) = tokio::join!(
            stage.post("bob", &path, &nothing),
            stage.post("bob", &path, &nothing),
            stage.post("mei", &path, &nothing)
        );
        let mut statuses = [bob?.status, again?.status, mei?.status];
        statuses.sort_unstable();
        ensure!(statuses == [200, 200, 409], "{statuses:?}");
        let now = stage.get("wei", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
        ensure!(now["state"] == "scheduled" && steps(&now) == "1/1 leads, 2/2 dba", "{now:#}");
    }
    Ok(())
}

#[tokio::test]
async fn who_files_it_never_counts_in_whichever_group_he_is() -> Result<()> {
    let stage = with(TWO_STEPS).await?;
    let ticket = waiting(&stage, "ann").await?;
    stage.post("ann", &approve(&ticket), &json!({})).await?.refused("own-ticket")?;
    let own = waiting(&stage, "bob").await?;
    stage.post("lea", &approve(&own), &json!({})).await?.ok()?;
    stage.post("bob", &approve(&own), &json!({})).await?.refused("own-ticket")?;
    stage.post("mei", &approve(&own), &json!({})).await?.ok()?;
    let stuck = stage.get("bob", &format!("/v1/tickets/{}", own["id"])).await?.ok()?;
    ensure!(steps(&stuck) == "1/1 leads, 1/2 dba*", "nobody else is left, and it does not pass: {stuck:#}");
    Ok(())
}

#[tokio::test]
async fn an_amendment_voids_every_approval_and_a_group_without_people_approves_nothing() -> Result<()> {
    let stage = with(&format!("{TWO_STEPS}[approvers.nobody]\npeople = []\n[[rule]]\nname = \"none\"\nenvironments = [\"production\"]\nsteps = [{{ from = \"nobody\", needs = 1 }}]\n")).await?;
    let ticket = waiting(&stage, "wei").await?;
    let id = &ticket["id"];
    stage.post("lea", &approve(&ticket), &json!({})).await?.ok()?;
    let amend = json!({ "sql": format!("{WHOLE} -- again") });
    stage.post("wei", &format!("/v1/tickets/{id}/amend"), &amend).await?.ok()?;
    let again = stage.post("wei", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    ensure!(steps(&again) == "0/1 leads*, 0/2 dba", "{again:#}");
    let old = json!({ "sql_hash": ticket["sql_hash"] });
    stage.post("lea", &approve(&ticket), &old).await?.refused("stale")?;

    let amend = json!({ "sql": "ALTER TABLE orders DROP COLUMN note;" });
    let ddl = stage.post("wei", &format!("/v1/tickets/{id}/amend"), &amend).await?.ok()?;
    if ddl["state"] == "awaiting_choice" {
        stage.post("wei", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    }
    for who in ["lea", "bob", "mei", "max", "wei"] {
        let answer = stage.post(who, &approve(&ticket), &json!({ "confirm": "shop" })).await?;
        ensure!(answer.status == 403 || answer.status == 404, "{who}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn approvals_that_are_not_completed_within_a_day_lapse() -> Result<()> {
    let stage = with(TWO_STEPS).await?;
    let ticket = waiting(&stage, "wei").await?;
    stage.post("lea", &approve(&ticket), &json!({})).await?.ok()?;
    stage.later(TimeDelta::hours(23));
    stage.post("bob", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(reminding::lapse_old(&stage.desk).await?.is_empty());
    stage.later(TimeDelta::hours(2));
    let now = stage.get("wei", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(steps(&now) == "0/1 leads*, 1/2 dba", "it does not count, told or not: {now:#}");
    ensure!(reminding::lapse_old(&stage.desk).await?.len() == 1);
    stage.post("mei", &approve(&ticket), &json!({})).await?.refused("wrong-state")?;
    stage.post("lea", &approve(&ticket), &json!({})).await?.ok()?;
    let done = stage.post("mei", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(done["state"] == "scheduled", "{done:#}");
    let story = stage.story(&ticket["id"]).await?;
    ensure!(
        story == "filed sent_to_dba step_approved step_approved approval_lapsed step_approved approved",
        "{story}"
    );
    Ok(())
}

#[tokio::test]
async fn who_stands_in_for_somebody_counts_as_he_would_and_only_as_long_and_as_far_as_he_may() -> Result<()> {
    let stage = with(TWO_STEPS).await?;
    let now = stage.now();
    let away = |person, to| Delegation {
        person,
        to,
        from: now,
        until: now + TimeDelta::days(2),
        reason: "leave".to_owned(),
        by: person,
    };
    let [lea, eve, bob, wei] = [
        id_of(&stage, "lea").await?,
        id_of(&stage, "eve").await?,
        id_of(&stage, "bob").await?,
        id_of(&stage, "wei").await?,
    ];
    let mut tx = begin(&stage.pool).await?;
    delegation::insert(&mut tx, &away(lea, eve), now).await?;
    // She is no DBA: she does not become one by standing in for one. And nobody stands in for the requester.
    delegation::insert(&mut tx, &away(bob, eve), now).await?;
    delegation::insert(&mut tx, &away(lea, wei), now).await?;
    commit(tx).await?;
    let ticket = waiting(&stage, "wei").await?;
    stage.post("wei", &approve(&ticket), &json!({})).await?.refused("own-ticket")?;
    let seen = stage.get("eve", &format!("/v1/tickets/{}", ticket["id"])).await?.ok()?;
    ensure!(seen["id"] == ticket["id"], "who is asked sees it");
    let listed = stage.get("eve", "/v1/tickets").await?.ok()?;
    ensure!(listed["tickets"].as_array().is_some_and(|tickets| tickets.len() == 1), "{listed:#}");
    let first = stage.post("eve", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(first["steps"][0]["given"][0]["stood_in_for"]["name"] == "lea", "{first:#}");
    stage.post("lea", &approve(&ticket), &json!({})).await?.refused("already-decided")?;
    stage.post("eve", &approve(&ticket), &json!({})).await?.refused("already-decided")?;

    // In a list, too, nobody sees what he would see only as the one who filed it.
    let own = waiting(&stage, "lea").await?;
    stage.get("eve", &format!("/v1/tickets/{}", own["id"])).await?.refused("not-found")?;
    let listed = stage.get("eve", "/v1/tickets").await?.ok()?;
    ensure!(listed["tickets"].as_array().is_some_and(|tickets| tickets.len() == 1), "{listed:#}");
    // Who may nothing any more lends nothing.
    let third = waiting(&stage, "ann").await?;
    let mut tx = begin(&stage.pool).await?;
    let left = person::Seed { name: "lea".to_owned(), discord_id: None, team: None, roles: Vec::new() };
    person::put(&mut tx, &left, now).await?;
    commit(tx).await?;
    stage.post("eve", &approve(&third), &json!({})).await?.refused("not-found")?;

    let later = waiting(&stage, "ann").await?;
    stage.later(TimeDelta::days(3));
    stage.post("eve", &approve(&later), &json!({})).await?.refused("not-found")?;
    Ok(())
}

#[tokio::test]
async fn in_an_emergency_a_dba_decides_alone_on_that_group_and_for_that_time() -> Result<()> {
    let stage = with(TWO_STEPS).await?;
    let now = stage.now();
    let group = |name: &'static str| {
        let pool = stage.pool.clone();
        async move {
            Ok::<GroupId, anyhow::Error>(service_group::by_name(&pool, name).await?.context("a group")?.id)
        }
    };
    let bob = id_of(&stage, "bob").await?;
    let ticket = waiting(&stage, "bob").await?;
    let mut tx = begin(&stage.pool).await?;
    emergency::insert(
        &mut tx,
        (group("shipping").await?, bob),
        "orders are lost",
        (now, now + TimeDelta::minutes(30)),
    )
    .await?;
    commit(tx).await?;
    stage.post("bob", &approve(&ticket), &json!({})).await?.refused("own-ticket")?;
    let mut tx = begin(&stage.pool).await?;
    let id = emergency::insert(
        &mut tx,
        (group("shop").await?, bob),
        "orders are lost",
        (now, now + TimeDelta::minutes(30)),
    )
    .await?;
    let max = id_of(&stage, "max").await?;
    emergency::insert(
        &mut tx,
        (group("shop").await?, max),
        "he is no DBA",
        (now, now + TimeDelta::minutes(30)),
    )
    .await?;
    commit(tx).await?;
    stage.post("max", &approve(&ticket), &json!({})).await?.refused("not-found")?;
    stage.post("mei", &approve(&ticket), &json!({})).await?.refused("wrong-state")?;
    let done = stage.post("bob", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(done["state"] == "scheduled", "{done:#}");
    let log = stage.get("bob", &format!("/v1/tickets/{}/log", ticket["id"])).await?.ok()?;
    let last = log["entries"].as_array().and_then(|entries| entries.last()).context("an entry")?;
    ensure!(last["event"]["emergency"] == id.0, "{last:#}");
    ensure!(emergency::tickets(&stage.pool, id).await?.len() == 1);

    // An emergency is of one service group: what also changes another takes its steps.
    let wide = waiting(&stage, "bob").await?;
    let shard = |group, statements| Shard { group, database: "shop".to_owned(), statements };
    let shards = vec![shard(group("shop").await?, vec![0]), shard(group("shipping").await?, vec![1])];
    sqlx::query("UPDATE ticket_revision SET spread = ? WHERE ticket_id = ?")
        .bind(serde_json::to_string(&Spread { shards })?)
        .bind(wide["id"].as_u64())
        .execute(&stage.pool)
        .await?;
    stage.post("bob", &approve(&wide), &json!({})).await?.refused("own-ticket")?;

    let second = waiting(&stage, "bob").await?;
    stage.later(TimeDelta::minutes(31));
    stage.post("bob", &approve(&second), &json!({})).await?.refused("own-ticket")?;
    Ok(())
}

#[tokio::test]
async fn those_who_can_act_are_called_and_reminded_ever_more_rarely_and_nobody_else_is() -> Result<()> {
    let stage = with(&format!("remind_minutes = 60\nreminders = 2\n{TWO_STEPS}")).await?;
    let ticket = waiting(&stage, "ann").await?;
    let round = async || -> Result<usize> { Ok(reminding::remind(&stage.desk).await?.len()) };
    ensure!(round().await? == 1 && round().await? == 0, "once");
    stage.later(TimeDelta::minutes(59));
    ensure!(round().await? == 0);
    stage.later(TimeDelta::minutes(1));
    ensure!(round().await? == 1, "after an hour");
    stage.later(TimeDelta::minutes(60));
    ensure!(round().await? == 0, "not after another one");
    stage.later(TimeDelta::minutes(60));
    ensure!(round().await? == 1, "but after two");
    stage.later(TimeDelta::days(8));
    ensure!(round().await? == 0, "no more than configured");
    stage.post("lea", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(round().await? == 1, "others can act now");
    stage.post("bob", &approve(&ticket), &json!({})).await?.ok()?;
    ensure!(round().await? == 1);
    let log = stage.get("ann", &format!("/v1/tickets/{}/log", ticket["id"])).await?.ok()?;
    let called: Vec<String> = log["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|entry| entry["event"]["kind"] == "reminded")
        .map(|entry| {
            let event = &entry["event"];
            let people = event["people"].as_array().into_iter().flatten();
            let names: Vec<_> = people.filter_map(|person| person["name"].as_str()).collect();
            format!("{} {} of {}: {}", event["nth"], event["missing"], event["from"], names.join(" "))
        })
        .collect();
    insta::assert_snapshot!(called.join("\n"));
    Ok(())
}

#[tokio::test]
async fn policy_says_of_a_ticket_which_rule_holds_and_who_can_act() -> Result<()> {
    let stage = with(TWO_STEPS).await?;
    let ticket = waiting(&stage, "wei").await?;
    stage.post("lea", &approve(&ticket), &json!({})).await?.ok()?;
    let small = stage.submit(SMALL).await?;
    let policy = &stage.desk.config.policy;
    let mut told = String::new();
    for id in [&ticket["id"], &small["id"]] {
        let id = TicketId(id.as_u64().context("an id")?);
        told += &explain(&stage.pool, policy, id, stage.now()).await?;
    }
    let mut other = policy.clone();
    other.rule.clear();
    let id = TicketId(ticket["id"].as_u64().context("an id")?);
    told += &explain(&stage.pool, &other, id, stage.now()).await?;
    insta::assert_snapshot!(told);
    let unknown = stage.get("wei", "/v1/tickets/77").await?;
    ensure!(line(&unknown.body).starts_with("404"), "{unknown:?}");
    Ok(())
}
