//! Schedules: made, steered, and filed once at each of their times, with a clock that the story moves.

use crate::stage::{Stage, line};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::service::filing::file_due;
use serde_json::{Value, json};

const MONTHLY: &str = "CREATE TABLE orders_{next_month} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'id') \
     COMMENT 'orders';";

/// Each night at 02:30 in Shanghai; the story begins at 20:00 there.
fn nightly(name: &str, sql: &str) -> Value {
    json!({ "name": name, "service_group": "shop", "database": "shop", "sql": sql, "reason": "room for orders",
            "cron": "30 2 * * *" })
}

async fn added(stage: &Stage, name: &str, sql: &str) -> Result<Value> {
    stage.post("ann", "/v1/schedules", &nightly(name, sql)).await?.ok()
}

async fn only(stage: &Stage) -> Result<Value> {
    let list = stage.get("bob", "/v1/schedules?which=all").await?.ok()?;
    Ok(list["schedules"].get(0).context("a schedule")?.clone())
}

async fn newest(stage: &Stage) -> Result<Value> {
    let list = stage.get("ann", "/v1/tickets?limit=1").await?.ok()?;
    let id = list["tickets"].get(0).context("a ticket")?["id"].clone();
    stage.get("ann", &format!("/v1/tickets/{id}")).await?.ok()
}

async fn tickets(stage: &Stage) -> Result<String> {
    stage.store.sql("SELECT COUNT(*) FROM desk.ticket").await
}

fn creates(ticket: &Value, table: &str) -> bool {
    ticket["sql"].as_str().is_some_and(|sql| sql.starts_with(&format!("CREATE TABLE {table} ")))
}

#[tokio::test]
async fn the_next_run_is_reviewed_when_it_is_made_and_each_run_files_a_ticket() -> Result<()> {
    let stage = Stage::start().await?;
    let made = added(&stage, "orders", MONTHLY).await?;
    ensure!(creates(&made, "orders_202612"), "{made:#}");
    let schedule = &made["schedule"];
    let in_its_zone = schedule["next_at"] == "2026-11-22T18:30:00Z";
    ensure!(in_its_zone && schedule["time_zone"] == "Asia/Shanghai", "{made:#}");
    ensure!(made["review"].as_array().is_some_and(|review| review.len() == 1), "{made:#}");
    ensure!(file_due(&stage.desk).await?.is_empty() && tickets(&stage).await? == "0", "not before its time");

    stage.later(TimeDelta::hours(7));
    ensure!(file_due(&stage.desk).await?.len() == 1, "it is due");
    ensure!(file_due(&stage.desk).await?.is_empty(), "once");
    let ticket = newest(&stage).await?;
    ensure!(ticket["schedule"] == schedule["id"] && ticket["requester"]["name"] == "ann", "{ticket:#}");
    ensure!(creates(&ticket, "orders_202612"), "{ticket:#}");
    let story = stage.story(&ticket["id"]).await?;
    ensure!(story == "filed filed_by_schedule approved", "policy decides as always: {story}");
    let schedule = only(&stage).await?;
    let again = schedule["next_at"] == "2026-11-23T18:30:00Z";
    ensure!(again && schedule["last_ticket"] == ticket["id"], "{schedule:#}");
    Ok(())
}

#[tokio::test]
async fn two_controls_file_one_ticket() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "orders", MONTHLY).await?;
    stage.later(TimeDelta::hours(7));
    let rounds = (0..6).map(|_| file_due(&stage.desk));
    let told = futures_util::future::try_join_all(rounds).await?.concat();
    ensure!(told.len() == 1 && tickets(&stage).await? == "1", "{told:?}");
    Ok(())
}

#[tokio::test]
async fn what_was_missed_is_filed_once_and_counted() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "orders", MONTHLY).await?;
    stage.later(TimeDelta::days(9));
    ensure!(file_due(&stage.desk).await?.len() == 1, "the latest");
    let ticket = newest(&stage).await?;
    ensure!(creates(&ticket, "orders_202701"), "of December: {ticket:#}");
    let log = stage.get("ann", &format!("/v1/tickets/{}/log", ticket["id"])).await?.ok()?;
    let event = &log["entries"][1]["event"];
    ensure!(event["missed"] == 8 && event["due_at"] == "2026-11-30T18:30:00Z", "{event:#}");
    Ok(())
}

#[tokio::test]
async fn while_the_ticket_before_has_not_ended_no_other_is_filed() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "sweep", "UPDATE orders SET note = 'swept {today}'").await?;
    stage.later(TimeDelta::hours(7));
    file_due(&stage.desk).await?;
    let ticket = newest(&stage).await?;
    ensure!(ticket["state"] == "awaiting_choice", "a rule failed, as for anybody: {ticket:#}");
    stage.later(TimeDelta::days(1));
    ensure!(file_due(&stage.desk).await?.len() == 1 && tickets(&stage).await? == "1", "told, not filed");
    let story = stage.story(&ticket["id"]).await?;
    ensure!(story == "filed filed_by_schedule schedule_due", "{story}");
    stage.post("ann", &format!("/v1/tickets/{}/withdraw", ticket["id"]), &json!({})).await?.ok()?;
    stage.later(TimeDelta::days(1));
    file_due(&stage.desk).await?;
    ensure!(tickets(&stage).await? == "2", "it has ended");
    let ticket = newest(&stage).await?;
    ensure!(ticket["sql"] == "UPDATE orders SET note = 'swept 20261125'", "the day in its zone: {ticket:#}");
    Ok(())
}

#[tokio::test]
async fn three_runs_that_file_nothing_pause_it_and_the_problem_is_shown() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "orders", MONTHLY).await?;
    let ann = "(SELECT id FROM desk.person WHERE name = 'ann')";
    stage.store.sql(&format!("DELETE FROM desk.person_role WHERE person_id = {ann}")).await?;
    let mut told = String::new();
    for run in 1..=3 {
        stage.later(TimeDelta::days(1));
        file_due(&stage.desk).await?;
        let schedule = only(&stage).await?;
        told += schedule["last_problem"].as_str().context("a problem")?;
        told.push('\n');
        ensure!(schedule["state"] == if run < 3 { "active" } else { "paused" }, "{run}: {schedule:#}");
    }
    ensure!(tickets(&stage).await? == "0", "nothing was filed");
    stage.store.sql(&format!("INSERT INTO desk.person_role VALUES ({ann}, 'developer')")).await?;
    let resumed = stage.post("ann", "/v1/schedules/1/resume", &json!({})).await?.ok()?;
    let clean = resumed.get("last_problem").is_none();
    ensure!(clean && resumed["next_at"] == "2026-11-25T18:30:00Z", "{resumed:#}");
    let other = "UPDATE desk.service_group SET spec = JSON_SET(spec, '$.databases', JSON_ARRAY('audit'))";
    stage.store.sql(other).await?;
    stage.later(TimeDelta::days(1));
    file_due(&stage.desk).await?;
    told += only(&stage).await?["last_problem"].as_str().context("a problem")?;
    insta::assert_snapshot!(told);
    Ok(())
}

#[tokio::test]
async fn it_rests_goes_on_and_goes_as_its_owner_or_a_dba_says() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "orders", MONTHLY).await?;
    stage.post("wei", "/v1/schedules/1/pause", &json!({})).await?.refused("forbidden")?;
    let paused = stage.post("ann", "/v1/schedules/S-1/pause", &json!({})).await?.ok()?;
    ensure!(paused["state"] == "paused" && paused.get("next_at").is_none(), "{paused:#}");
    stage.post("ann", "/v1/schedules/1/pause", &json!({})).await?.refused("wrong-state")?;
    stage.later(TimeDelta::days(2));
    ensure!(file_due(&stage.desk).await?.is_empty(), "it rests");
    let resumed = stage.post("bob", "/v1/schedules/1/resume", &json!({})).await?.ok()?;
    ensure!(resumed["next_at"] == "2026-11-24T18:30:00Z", "what was due meanwhile is not filed: {resumed:#}");
    stage.post("bob", "/v1/schedules/1/resume", &json!({})).await?.refused("wrong-state")?;
    stage.post("ann", "/v1/schedules/1/remove", &json!({})).await?.ok()?;
    stage.post("ann", "/v1/schedules/1/remove", &json!({})).await?.refused("not-found")?;
    ensure!(stage.get("bob", "/v1/schedules").await?.ok()?["schedules"] == json!([]), "gone");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_schedule_is_told() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "taken", MONTHLY).await?;
    let mut told = String::new();
    for (key, value) in [
        ("cron", "30 2 * *"),
        ("cron", "75 2 * * *"),
        ("cron", "0 0 30 2 *"),
        ("time_zone", "Asia/Atlantis"),
        ("name", "Orders 2"),
        ("name", "taken"),
        ("service_group", "shpo"),
        ("database", "shpo"),
        ("reason", ""),
        ("sql", ""),
        ("sql", "CREATE TABLE t_{next_mont} (id INT)"),
        ("sql", "UPDATE orders SET note = WHERE id = 1"),
    ] {
        let mut body = nightly("orders", MONTHLY);
        body[key] = json!(value);
        told += &stage.both("ann", "/v1/schedules", &body).await?;
    }
    told += &line(&stage.post("ann", "/v1/schedules/9/pause", &json!({})).await?.refused("not-found")?);
    insta::assert_snapshot!(told);
    ensure!(stage.store.sql("SELECT COUNT(*) FROM desk.schedule").await? == "1", "only the first");
    Ok(())
}

#[tokio::test]
async fn nobody_has_more_than_fifty() -> Result<()> {
    let stage = Stage::start().await?;
    added(&stage, "first", MONTHLY).await?;
    let copies = "INSERT INTO desk.schedule (name, state, service_group_id, database_name, owner_id, reason, sql_text, cron, \
         time_zone, lang, created_at, updated_at) SELECT CONCAT('copy-', seq), 'paused', service_group_id, database_name, \
         owner_id, reason, sql_text, cron, time_zone, lang, created_at, updated_at FROM desk.schedule, desk.seq_1_to_49";
    stage.store.sql(copies).await?;
    stage.post("ann", "/v1/schedules", &nightly("more", MONTHLY)).await?.refused("too-many")?;
    stage.post("wei", "/v1/schedules", &nightly("weis", MONTHLY)).await?.ok()?;
    let first = stage.get("ann", "/v1/schedules?which=mine&limit=40").await?.ok()?;
    let path = format!("/v1/schedules?which=mine&before={}", first["next_before"]);
    let rest = stage.get("ann", &path).await?.ok()?;
    let ten = rest["schedules"].as_array().map(Vec::len) == Some(10);
    ensure!(ten && rest.get("next_before").is_none(), "{rest:#}");
    Ok(())
}
