//! The audit log: every decision, by whom, from where, of which bytes.

use crate::stage::{SMALL, Stage, WHOLE, answer, line};
use crate::tokens::{admin, given};
use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use dbdesk::{config::Secret, doctor};
use dbdesk_commands::{
    lang::Lang,
    wire::{person::Role, token::May},
};
use dbdesk_schedule::reconcile;
use dbdesk_store::{audit, begin, commit, person};
use futures_util::future;
use reqwest::Method;
use serde_json::{Value, json};

/// Rows in words: what, who, over what, from where, about what.
async fn told(stage: &Stage, path: &str) -> Result<String> {
    let page = stage.get("ada", path).await?.ok()?;
    let rows = page["rows"].as_array().context("rows")?;
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("-").to_owned();
    let bytes = |row: &Value| row["content_hash"].as_str().map_or("-", |hash| &hash[..4]).to_owned();
    let line = |row: &Value| {
        format!(
            "{:>2} {} {} for {} via {} {} from {}: {} {} r{} {} {}\n",
            row["id"],
            text(row, "what"),
            text(row, "actor"),
            text(row, "as_whom"),
            text(row, "via"),
            text(row, "token"),
            text(row, "source"),
            text(row, "subject_kind"),
            text(row, "subject"),
            row["revision"].as_u64().unwrap_or(0),
            bytes(row),
            row["detail"],
        )
    };
    Ok(rows.iter().map(line).collect())
}

async fn done(stage: &Stage, who: &str, path: &str, body: &Value) -> Result<Value> {
    stage.post(who, path, body).await?.ok().with_context(|| format!("{who} {path}"))
}

#[tokio::test]
async fn every_decision_is_in_the_audit_log() -> Result<()> {
    let stage = Stage::start().await?;
    admin(&stage).await?;
    let amended = json!({ "sql": "UPDATE orders SET note = 'b' WHERE id = 2;" });
    stage.submit_at(SMALL, "quiet").await?;
    stage.submit_at(WHOLE, "quiet").await?;
    for (who, path, body) in [
        ("bob", "/v1/tickets/1/pause", json!({})),
        ("bob", "/v1/tickets/1/resume", json!({})),
        ("bob", "/v1/tickets/1/prioritise", json!({ "priority": "high" })),
        ("bob", "/v1/tickets/1/run", json!({})),
        ("ann", "/v1/tickets/2/send-to-dba", json!({})),
        ("bob", "/v1/tickets/2/reject", json!({ "reason": "a secret reason" })),
        ("bob", "/v1/tickets/1/cancel", json!({})),
    ] {
        done(&stage, who, path, &body).await?;
    }
    stage.submit_at(WHOLE, "quiet").await?;
    done(&stage, "ann", "/v1/tickets/3/amend", &amended).await?;
    stage.submit_at(WHOLE, "quiet").await?;
    done(&stage, "ann", "/v1/tickets/4/withdraw", &json!({})).await?;
    stage.submit_at(WHOLE, "quiet").await?;
    done(&stage, "ann", "/v1/tickets/5/send-to-dba", &json!({})).await?;
    done(&stage, "bob", "/v1/tickets/5/approve", &json!({ "confirm": "shop" })).await?;
    let schedule = json!({ "name": "nightly", "service_group": "shop", "database": "shop", "cron": "0 3 * * *", "sql": SMALL,
        "reason": "as asked" });
    done(&stage, "ann", "/v1/schedules", &schedule).await?;
    for verb in ["pause", "resume", "remove"] {
        done(&stage, "ann", &format!("/v1/schedules/1/{verb}"), &json!({})).await?;
    }
    done(&stage, "bob", "/v1/freezes", &json!({ "service_group": "all", "reason": "storm" })).await?;
    done(&stage, "bob", "/v1/freezes/1/end", &json!({})).await?;
    done(&stage, "ann", "/v1/tokens", &json!({ "name": "ci", "may": ["read"] })).await?;
    answer(stage.ask("ann", Method::DELETE, "/v1/tokens/ci")).await?.ok()?;
    stage.later(TimeDelta::hours(48));
    reconcile::expire(&stage.pool, stage.now()).await?;
    insta::assert_snapshot!(told(&stage, "/v1/audit").await?);

    let rows = stage.store.sql("SELECT * FROM desk.audit").await?;
    ensure!(
        !rows.contains("UPDATE orders") && !rows.contains("a secret reason"),
        "no SQL, no text of people"
    );
    let verdict = audit::verify(&stage.pool, 1, None).await?;
    ensure!(verdict.wrong.is_none(), "{verdict:?}");
    let metrics = stage.http.get(format!("{}/metrics", stage.base)).send().await?.text().await?;
    ensure!(metrics.contains(&format!("dbdesk_audit_head {}\n", verdict.head.0)), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn who_is_who_who_stands_in_and_every_emergency_is_in_the_audit_log() -> Result<()> {
    let stage = Stage::start().await?;
    admin(&stage).await?;
    let (seed, at) = (
        person::Seed { name: "tom".to_owned(), discord_id: None, team: None, roles: vec![Role::Developer] },
        stage.now(),
    );
    let mut tx = begin(&stage.pool).await?;
    person::add(&mut tx, &seed, at).await?;
    commit(tx).await?;
    for discord_id in ["900", "901"] {
        stage.post("bot", "/v1/links", &json!({ "discord_id": discord_id, "name": "tom" })).await?.ok()?;
    }
    let page = stage.get("bot", "/v1/notices/behind").await?.ok()?;
    for (notice, verb) in [(0, 0), (1, 1)] {
        let button = page["notices"][notice]["buttons"][verb]["id"].as_str().context("a button")?;
        done(&stage, "max", &format!("/v1/notice-buttons/{button}/press"), &json!({})).await?;
    }
    answer(stage.ask("max", Method::DELETE, "/v1/people/tom/link")).await?.ok()?;
    let away = json!({ "to": "mei", "until": "2026-11-25 08:00", "reason": "a secret reason" });
    done(&stage, "bob", "/v1/delegations", &away).await?;
    done(&stage, "bob", "/v1/delegations/1/end", &json!({})).await?;
    let lost = json!({ "service_group": "shop", "reason": "a secret reason" });
    done(&stage, "bob", "/v1/emergencies", &lost).await?;
    done(&stage, "bob", "/v1/emergencies/1/end", &json!({})).await?;
    done(&stage, "mei", "/v1/emergencies/1/review", &json!({ "text": "a secret reason" })).await?;
    insta::assert_snapshot!(told(&stage, "/v1/audit").await?);
    let rows = stage.store.sql("SELECT * FROM desk.audit").await?;
    ensure!(!rows.contains("a secret reason"), "no text of people");
    let verdict = audit::verify(&stage.pool, 1, None).await?;
    ensure!(verdict.wrong.is_none(), "{verdict:?}");
    Ok(())
}

#[tokio::test]
async fn a_row_says_which_interaction_or_address_it_came_from() -> Result<()> {
    let stage = Stage::start().await?;
    admin(&stage).await?;
    let ticket = stage.submit_at(WHOLE, "quiet").await?;
    let from_chat = |user: u32, path: &str, source: &str| {
        let asked = stage.ask("bot", Method::POST, path).header("X-Dbdesk-Act-As", format!("discord:{user}"));
        asked.header("X-Dbdesk-Source", source).json(&json!({}))
    };
    answer(from_chat(101, "/v1/tickets/1/send-to-dba", "discord:1234567890/42")).await?.ok()?;
    // Who is not the bot is not believed; the bot is, where it makes sense.
    let spoofed = stage
        .ask("bob", Method::POST, "/v1/tickets/1/approve")
        .header("X-Dbdesk-Source", "discord:666/666")
        .header("X-Forwarded-For", "203.0.113.9");
    answer(spoofed.json(&json!({ "confirm": "shop" }))).await?.ok()?;
    answer(from_chat(104, "/v1/tickets/1/cancel", "discord:1/2/3; DROP")).await?.ok()?;
    insta::assert_snapshot!(told(&stage, "/v1/audit?ticket=T-1").await?);
    let rows = stage.get("ada", "/v1/audit?ticket=1&person=bob").await?.ok()?;
    ensure!(rows["rows"][0]["content_hash"] == ticket["sql_hash"], "the bytes that he approved: {rows:#}");
    ensure!(rows["rows"].as_array().map(Vec::len) == Some(1), "{rows:#}");
    Ok(())
}

#[tokio::test]
async fn who_tries_what_he_may_not_is_noted_and_nobody_fills_the_log() -> Result<()> {
    let stage = Stage::with(|config| config.api.burst = 1_000).await?;
    admin(&stage).await?;
    given(&stage, "bob", "reads", |new| new.may = [May::Read].into()).await?;
    let ticket = stage.submit_at(WHOLE, "quiet").await?;
    done(&stage, "ann", "/v1/tickets/1/send-to-dba", &json!({})).await?;
    let button = stage.button(&ticket["id"], "approve").await?;
    for (who, path) in [
        ("ann", "/v1/tickets/1/approve".to_owned()),
        ("wei", "/v1/tickets/1/withdraw".to_owned()),
        ("wei", format!("/v1/buttons/{button}/press")),
        ("wei", "/v1/freezes/7/end".to_owned()),
        ("reads", "/v1/tickets/1/approve".to_owned()),
        ("reads", "/v1/tokens".to_owned()),
    ] {
        ensure!(stage.post(who, &path, &json!({})).await?.status == 403, "{who} {path}");
    }
    stage.get("ann", "/v1/audit").await?.refused("forbidden")?;
    // A token's text where its name belongs.
    answer(stage.ask("reads", Method::DELETE, "/v1/tokens/dbdesk_c2VjcmV0")).await?.refused("forbidden")?;
    insta::assert_snapshot!(told(&stage, "/v1/audit?after=2").await?);

    for _ in 0..50 {
        stage.post("wei", "/v1/tickets/1/withdraw", &json!({})).await?.refused("forbidden")?;
    }
    let count = "SELECT COUNT(*) FROM desk.audit WHERE what = 'denied' AND actor = 'wei'";
    ensure!(stage.store.sql(count).await? == "30", "{}", stage.store.sql(count).await?);
    let metrics = stage.http.get(format!("{}/metrics", stage.base)).send().await?.text().await?;
    ensure!(metrics.contains("dbdesk_audit_denials_dropped_total 23\n"), "{metrics}");
    stage.post("ann", "/v1/tickets/1/approve", &json!({})).await?.refused("forbidden")?;
    let hers = "SELECT COUNT(*) FROM desk.audit WHERE what = 'denied' AND actor = 'ann'";
    ensure!(stage.store.sql(hers).await? == "3", "another's attempts are noted");
    Ok(())
}

#[tokio::test]
async fn the_audit_log_is_for_admins_page_by_page() -> Result<()> {
    let stage = Stage::start().await?;
    admin(&stage).await?;
    for _ in 0..3 {
        stage.submit_at(SMALL, "quiet").await?;
    }
    let first = stage.get("ada", "/v1/audit?limit=4").await?.ok()?;
    ensure!(first["cursor"] == 4 && first["more"] == true, "{first:#}");
    let second = stage.get("ada", "/v1/audit?limit=4&after=4").await?.ok()?;
    ensure!(second["rows"].as_array().map(Vec::len) == Some(2) && second["more"] == false, "{second:#}");
    let since = stage.get("ada", "/v1/audit?since=2026-11-22T12:00:01Z").await?.ok()?;
    ensure!(since["rows"] == json!([]), "{since:#}");
    stage.get("ada", "/v1/audit?person=zoe").await?.refused("not-found")?;
    let mut refused = String::new();
    for (who, lang) in [("bob", "en"), ("bob", "zh-CN")] {
        let asked = stage.ask(who, Method::GET, "/v1/audit").header("Accept-Language", lang);
        refused.push_str(&line(&answer(asked).await?.body));
    }
    insta::assert_snapshot!(refused);
    Ok(())
}

#[tokio::test]
async fn a_hundred_who_decide_at_once_do_not_stand_in_each_others_way() -> Result<()> {
    let stage = Stage::with(|config| {
        config.api.burst = 1_000;
        config.store.acquire_timeout_ms = 30_000;
    })
    .await?;
    for _ in 0..100 {
        stage.submit_at(SMALL, "quiet").await?;
    }
    let cancels = (1..=100).map(|id| {
        let path = format!("/v1/tickets/{id}/cancel");
        let stage = &stage;
        async move { stage.post("bob", &path, &json!({})).await?.ok() }
    });
    for done in future::join_all(cancels).await {
        done?;
    }
    let verdict = audit::verify(&stage.pool, 1, None).await?;
    ensure!(verdict.wrong.is_none() && verdict.rows == 300, "{verdict:?}");
    Ok(())
}

#[tokio::test]
async fn an_account_that_may_only_add_to_the_audit_log_is_enough() -> Result<()> {
    let mut stage = Stage::start().await?;
    admin(&stage).await?;
    // As packaging/README.md says.
    let scripts = stage
        .store
        .sql(
            "CREATE USER adds@'127.0.0.1' IDENTIFIED BY 'adds-pw'; GRANT SELECT, INSERT ON desk.* TO adds@'127.0.0.1'; \
             SELECT CONCAT('GRANT UPDATE, DELETE ON desk.`', table_name, '` TO adds@''127.0.0.1'';') FROM information_schema.tables \
             WHERE table_schema = 'desk' AND table_name NOT IN ('audit', '_sqlx_migrations')",
        )
        .await?;
    stage.store.sql(&scripts).await?;
    let mut config = stage.desk.config.clone();
    config.store.user = "adds".to_owned();
    config.store.password = Secret::new("adds-pw");
    stage.pool = dbdesk_store::pool(&config.store.connect());
    stage.anew(|changed| *changed = config).await?;

    stage.submit_at(WHOLE, "quiet").await?;
    done(&stage, "ann", "/v1/tickets/1/send-to-dba", &json!({})).await?;
    done(&stage, "bob", "/v1/tickets/1/approve", &json!({ "confirm": "shop" })).await?;
    stage.post("ann", "/v1/tickets/1/approve", &json!({})).await?.refused("forbidden")?;
    for statement in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"] {
        let refused = sqlx::raw_sql(statement).execute(&stage.pool).await;
        ensure!(refused.is_err_and(|error| error.to_string().contains("denied")), "{statement}");
    }
    let verdict = audit::verify(&stage.pool, 1, None).await?;
    ensure!(verdict.rows == 4 && verdict.wrong.is_none(), "{verdict:?}");
    let told = doctor::text(&doctor::examine(&stage.desk.config, &stage.desk.clock).await, Lang::En);
    ensure!(!told.contains("adds lacks"), "{told}");
    stage.store.sql("REVOKE DELETE ON desk.freeze FROM adds@'127.0.0.1'").await?;
    let told = doctor::text(&doctor::examine(&stage.desk.config, &stage.desk.clock).await, Lang::En);
    ensure!(told.contains("FAIL  store: adds lacks DELETE on desk"), "{told}");
    Ok(())
}

#[tokio::test]
async fn doctor_says_that_the_audit_log_is_not_whole() -> Result<()> {
    let stage = crate::kept::stage(|_| {}).await?;
    stage.submit_at(SMALL, "quiet").await?;
    let checks =
        async || doctor::text(&doctor::examine(&stage.desk.config, &stage.desk.clock).await, Lang::En);
    let whole = checks().await;
    ensure!(whole.contains("ok    audit log: its newest 2 rows are whole, up to row 2"), "{whole}");
    stage.store.sql("UPDATE desk.audit SET actor = 'nobody' WHERE id = 1").await?;
    let told = checks().await;
    ensure!(told.contains("FAIL  audit log: it is not whole: row 1 was changed"), "{told}");
    Ok(())
}
