//! Filing tickets, and where the review leads.

use crate::stage::{BROKEN, DROP, SMALL, Stage, WHOLE, submission};
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sha2::Digest as _;

#[tokio::test]
async fn a_small_change_is_approved_by_policy_and_due_at_once() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["state"] == "scheduled" && ticket["approved_by_policy"] == true, "{ticket:#}");
    ensure!(ticket["sql"] == SMALL && ticket["risk"] == "low", "{ticket:#}");
    ensure!(ticket["due_at"] == "2026-11-22T12:00:00Z", "{ticket:#}");
    ensure!(ticket["approval_expires_at"] == "2026-11-23T12:00:00Z", "{ticket:#}");
    ensure!(ticket["task"]["state"] == "ready" && ticket["task"]["total"] == 1, "{ticket:#}");
    ensure!(
        ticket["review"][0]["plan"]["affected_rows"] == json!({ "kind": "exactly", "rows": 1 }),
        "{ticket:#}"
    );
    ensure!(stage.story(&ticket["id"]).await? == "filed approved", "its log");
    Ok(())
}

#[tokio::test]
async fn a_syntax_error_goes_straight_back_with_the_reason() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(BROKEN).await?;
    ensure!(ticket["state"] == "returned" && ticket["task"] == Value::Null, "{ticket:#}");
    let level = &ticket["review"][0]["findings"][0]["level"];
    ensure!(level == "error", "{ticket:#}");
    let verbs: Vec<_> =
        ticket["buttons"].as_array().context("buttons")?.iter().map(|b| b["verb"].clone()).collect();
    ensure!(verbs == ["amend", "withdraw"], "{verbs:?}");
    Ok(())
}

#[tokio::test]
async fn a_failed_rule_is_sent_on_to_a_dba_who_approves_it() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let id = &ticket["id"];
    ensure!(ticket["state"] == "awaiting_choice" && ticket["risk"] == "medium", "{ticket:#}");
    let sent = stage.post("ann", &format!("/v1/tickets/{id}/send-to-dba"), &json!({})).await?.ok()?;
    ensure!(sent["state"] == "awaiting_approval", "{sent:#}");
    let hash = json!({ "sql_hash": sent["sql_hash"] });
    let approved = stage.post("bob", &format!("/v1/tickets/{id}/approve"), &hash).await?.ok()?;
    ensure!(approved["state"] == "scheduled" && approved["decided_by"]["name"] == "bob", "{approved:#}");
    ensure!(approved["task"]["state"] == "ready", "{approved:#}");
    ensure!(stage.story(id).await? == "filed sent_to_dba approved", "its log");
    Ok(())
}

#[tokio::test]
async fn a_failed_rule_is_amended_and_passes() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(WHOLE).await?;
    let path = format!("/v1/tickets/{}/amend", ticket["id"]);
    let amended = stage.post("ann", &path, &json!({ "sql": SMALL, "revision": 1 })).await?.ok()?;
    ensure!(amended["state"] == "scheduled" && amended["revision"] == 2, "{amended:#}");
    ensure!(amended["sql"] == SMALL && amended["approved_by_policy"] == true, "{amended:#}");
    ensure!(stage.story(&ticket["id"]).await? == "filed amended approved", "its log");
    let late = stage.post("ann", &path, &json!({ "sql": WHOLE, "revision": 1 })).await?;
    late.refused("stale")?;
    Ok(())
}

#[tokio::test]
async fn what_destroys_is_of_high_risk_and_never_passes_by_itself() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(DROP).await?;
    ensure!(ticket["risk"] == "high" && ticket["state"] != "scheduled", "{ticket:#}");
    Ok(())
}

#[tokio::test]
async fn an_environment_may_always_want_a_person() -> Result<()> {
    let stage = Stage::with(|config| config.policy.always_person = true).await?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["state"] == "awaiting_approval" && ticket["risk"] == "low", "{ticket:#}");
    Ok(())
}

#[tokio::test]
async fn work_waits_for_its_time_or_for_the_next_quiet_window_of_the_group() -> Result<()> {
    let stage = Stage::start().await?;
    let at = stage.submit_at(SMALL, "2026-11-23 08:30").await?;
    ensure!(at["due_at"] == "2026-11-23T00:30:00Z" && at["task"]["state"] == "waiting", "{at:#}");
    ensure!(at["approval_expires_at"] == "2026-11-24T00:30:00Z", "from its due time: {at:#}");
    let quiet = stage.submit_at(SMALL, "quiet").await?;
    ensure!(quiet["due_at"] == "2026-11-22T18:00:00Z", "02:00 in Shanghai: {quiet:#}");
    let none = json!({ "service_group": "shipping", "database": "parcels", "sql": SMALL, "reason": "r", "when": "quiet" });
    stage.post("ann", "/v1/tickets", &none).await?.refused("invalid")?;
    Ok(())
}

#[tokio::test]
async fn a_target_that_is_down_loses_nothing_and_lets_nothing_pass() -> Result<()> {
    let mut stage = Stage::start().await?;
    stage.target.kill()?;
    let ticket = stage.submit(SMALL).await?;
    ensure!(ticket["state"] == "awaiting_choice", "{ticket:#}");
    let finding = &ticket["review"][0]["findings"];
    ensure!(finding.to_string().contains("not-checked-live"), "{ticket:#}");
    let path = format!("/v1/tickets/{}", ticket["id"]);
    let zh = stage.ask("ann", reqwest::Method::GET, &path).header("Accept-Language", "zh-CN");
    let zh = crate::stage::answer(zh).await?.ok()?;
    ensure!(zh["review"].to_string().contains("没有响应"), "{zh:#}");
    Ok(())
}

#[tokio::test]
async fn a_review_answers_the_same_and_files_nothing() -> Result<()> {
    let stage = Stage::start().await?;
    let body = json!({ "sql": WHOLE, "service_group": "shop", "database": "shop" });
    let review = stage.post("ann", "/v1/reviews", &body).await?.ok()?;
    let ticket = stage.post("ann", "/v1/tickets", &submission(WHOLE, "now")).await?.ok()?;
    ensure!(review == ticket["review"], "{review:#}\n{ticket:#}");
    let offline = stage.post("ann", "/v1/reviews", &json!({ "sql": WHOLE })).await?.ok()?;
    ensure!(offline[0]["findings"][0]["level"] == "needs_dba", "{offline:#}");
    ensure!(offline[0]["plan"] == Value::Null, "nobody was asked: {offline:#}");
    let all = stage.get("ann", "/v1/tickets").await?.ok()?;
    ensure!(all["tickets"].as_array().map(Vec::len) == Some(1), "{all:#}");
    Ok(())
}

const RANGE: &str = "CREATE TABLE `orders_{00..63}` LIKE orders;";

#[tokio::test]
async fn a_range_of_numbered_tables_is_written_out_before_it_is_reviewed_and_kept() -> Result<()> {
    let stage = Stage::start().await?;
    let ticket = stage.submit(RANGE).await?;
    let sql = ticket["sql"].as_str().context("sql")?;
    let all: Vec<String> = (0..64).map(|at| format!("CREATE TABLE `orders_{at:02}` LIKE orders;")).collect();
    ensure!(sql == all.join("\n"), "{sql}");
    ensure!(ticket["review"].as_array().map(Vec::len) == Some(64), "{ticket:#}");
    ensure!(ticket["sql_hash"] == hex::encode(sha2::Sha256::digest(sql)), "{ticket:#}");
    let log = stage.get("ann", &format!("/v1/tickets/{}/log", ticket["id"])).await?.ok()?;
    ensure!(log["entries"][0]["event"]["statements"] == 64, "{log:#}");

    // The asker of a review has his own text alone; every statement is at its place in that.
    let body = json!({ "sql": RANGE, "service_group": "shop", "database": "shop" });
    let review = stage.post("ann", "/v1/reviews", &body).await?.ok()?;
    let review = review.as_array().context("a list")?;
    ensure!(review.len() == 64, "{review:#?}");
    ensure!(review.iter().all(|one| one["start"] == 0 && one["end"] == RANGE.len() - 1), "{review:#?}");

    let path = format!("/v1/tickets/{}/amend", ticket["id"]);
    let amended =
        stage.post("ann", &path, &json!({ "sql": "ALTER TABLE orders_{0..1} ADD c{0..1} int;" })).await?;
    let amended = amended.ok()?;
    let wanted = "ALTER TABLE orders_0 ADD c0 int;\nALTER TABLE orders_1 ADD c1 int;";
    ensure!(amended["sql"] == wanted, "{amended:#}");
    for (sql, code) in [("DROP TABLE t_{1..0};", "invalid"), ("DROP TABLE t_{00000..99999};", "too-large")] {
        stage.post("ann", "/v1/tickets", &submission(sql, "now")).await?.refused(code)?;
        stage.post("ann", "/v1/reviews", &json!({ "sql": sql })).await?.refused(code)?;
        stage.post("ann", &path, &json!({ "sql": sql })).await?.refused(code)?;
    }
    Ok(())
}

#[tokio::test]
async fn of_numbered_tables_those_that_are_missing_or_differ_are_told_at_the_range() -> Result<()> {
    let stage = Stage::start().await?;
    let like = |at: usize| format!("CREATE TABLE shop.orders_{at:02} LIKE shop.orders;");
    let tables: Vec<String> = (0..64).filter(|at| *at != 7).map(like).collect();
    stage.target.sql(&format!("{} ALTER TABLE shop.orders_40 DROP COLUMN note", tables.concat())).await?;
    let sql = "-- all\nALTER TABLE orders_{00..63} ADD COLUMN paid DATETIME NULL COMMENT 'when';";
    let body = json!({ "sql": sql, "service_group": "shop", "database": "shop" });
    let review = stage.post("ann", "/v1/reviews", &body).await?.ok()?;
    let told: Vec<String> = (0..64)
        .flat_map(|at| review[at]["findings"].as_array().cloned().unwrap_or_default())
        .map(|found| {
            let place = |key: &str| found[key].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
            let text = sql.get(place("start")..place("end")).unwrap_or("outside");
            format!("{} at {text}: {}", found["rule"], found["message"])
        })
        .collect();
    let has = |rule: &str, word: &str| {
        told.iter().any(|one| one.contains(rule) && one.contains("orders_{00..63}") && one.contains(word))
    };
    ensure!(has("unknown-table", "orders_07") && has("numbered-tables-differ", "orders_40"), "{told:#?}");
    Ok(())
}
